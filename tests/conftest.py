"""Settings of all tests."""

import os

from hypothesis import HealthCheck, settings

# A slow machine is no failed property.
settings.register_profile("wirecopy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wirecopy")

# `make browser` sets this: those tests start a server and a browser, which the other tests do without.
collect_ignore = [] if os.environ.get("WIRECOPY_BROWSER") else ["browser"]

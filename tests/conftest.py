"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# A slow machine is no failed property.
settings.register_profile("wirecopy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wirecopy")

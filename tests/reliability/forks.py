"""Runs ``wirecopy`` commands in forks of one process that has everything imported, so that a run takes what its work takes.

A line of JSON in, a line out: ``{"run": [arguments], "root": folder}`` answers the pid of the fork that has begun,
``{"wait": pid}`` its exit code, or minus the signal that ended it. A fork that has ended keeps its pid until it is waited for.
"""

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from wirecopy.cli import main


def warm_up(root: str, tree: str) -> None:
    """Import and compile what the commands need, without a change."""
    for name in ("export", "projects"):
        import_module(f"wirecopy.labelstudio.{name}")
    from wirecopy.merge import plan_merge

    use(root)
    plan_merge(tree)


def use(root: str) -> None:
    """Make a folder the data root, which the package looks for from the place of its own file."""
    sys.modules["wirecopy.corpus"].__file__ = str(Path(root) / "loaders" / "wirecopy" / "corpus.py")


def begin(arguments: list[str], root: str, log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        silent, said = os.open(os.devnull, os.O_RDWR), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for descriptor, target in ((silent, 0), (silent, 1), (said, 2)):
            os.dup2(descriptor, target)
        use(root)
        code = main(arguments)
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def answer(request: dict[str, Any]) -> int:
    if "run" in request:
        return begin(request["run"], request["root"], request["log"])
    return os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])


if __name__ == "__main__":
    warm_up(*sys.argv[1:])
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(json.loads(line)), flush=True)

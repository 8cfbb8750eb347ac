"""How long import, ``--help``, loading and validation take, beside a bare interpreter and stock ``datasets``.

Each figure is the lower quartile of repeated runs in processes of their own: on a shared machine the slow runs measure the
neighbours. Run as ``python tests/bench/bench_loading.py`` (``make bench`` runs every benchmark).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
BARE = "import json, pathlib, dataclasses"
RUNS = 21
LOADS = 7
COLD_LOADS = 3


def seconds(arguments: list[str], runs: int, environment: dict[str, str]) -> float:
    """The lower quartile of the wall time of a command, in seconds, after one run to warm caches."""
    times = []
    for _ in range(runs + 1):
        started = perf_counter()
        subprocess.run([sys.executable, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - started)
    return sorted(times[1:])[runs // 4]


def cold_load(environment: dict[str, str]) -> float:
    """The wall time of loading the largest split of tokens in a new process with an empty cache, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        code = "import wirecopy; wirecopy.load_dataset('tokens', split='train')"
        started = perf_counter()
        subprocess.run([sys.executable, "-c", code], env={**environment, "HF_HOME": folder}, check=True)
        return perf_counter() - started


def main() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "loaders"), "HF_HUB_OFFLINE": "1"}
    bare = seconds(["-c", BARE], RUNS, environment)
    light = seconds(["-c", "import wirecopy"], RUNS, environment)
    allowed = 1.5 * bare + 0.03
    print(f"import wirecopy           {light * 1000:6.1f} ms   bare {bare * 1000:.1f} ms   allowed {allowed * 1000:.1f} ms")
    usage = seconds(["-m", "wirecopy.cli", "--help"], RUNS, environment)

    print(f"wirecopy --help           {usage * 1000:6.1f} ms   allowed {allowed * 1000:.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        environment["HF_HOME"] = folder
        built = Path(folder) / "wirecopy-built"
        subprocess.run(
            [sys.executable, "-m", "wirecopy.cli", "hub", str(built)], env=environment, check=True, capture_output=True
        )
        for config in ("documents", "tokens", "passages"):
            ours = f"import wirecopy; wirecopy.load_dataset({config!r}, split='wild')"
            stock = f"import datasets; datasets.load_dataset({str(built)!r}, {config!r}, split='wild')"
            first, second = (seconds(["-c", code], LOADS, environment) for code in (ours, stock))
            ratio = f"ratio {first / second:.2f}, allowed 1.20"
            print(f"load {config:10} warm     {first * 1000:6.0f} ms   stock {second * 1000:.0f} ms   {ratio}")
    cold = min(cold_load(environment) for _ in range(COLD_LOADS))
    print(f"load tokens, train, cold  {cold * 1000:6.0f} ms   allowed 3000 ms")
    checked = seconds(["-m", "wirecopy.cli", "validate"], COLD_LOADS, environment)
    print(f"wirecopy validate         {checked * 1000:6.0f} ms   allowed 20000 ms")


if __name__ == "__main__":
    main()

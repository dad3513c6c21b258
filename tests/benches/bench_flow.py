"""`make bench-flow`: what the orchestration costs; one JSON object at the end.

A sweep of fourteen refiners of one step over twenty tiny backgrounds is built once and then found, on a server of its own.
`overhead_share` is what the orchestration of that sweep costs of a run of ten minutes: the time of the cached sweep less
what the same flow needs for looking its artifacts up.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.lookup import all_records
from tasks.artifacts.store import Store
from tasks.images.files import write_png
from tests.flows.serving import Served, end, start_up, wait_until_ready
from tests.flows.tiny_site import SITE, draw_room, write_tiny_site

_BACKGROUNDS, _REFINERS, _RUN_S = 20, 14, 600.0
_TINY = {
    "steps": 1,
    "epochs": None,
    "generator": {"filters": 4, "blocks": 1},
    "discriminator": {"filters": 4},
}


def main() -> None:
    """Measure on a server in a temporary folder and print the figures."""
    with tempfile.TemporaryDirectory(prefix="verisim-bench-") as name:
        folder = Path(name)
        begun = time.monotonic()
        served = start_up(folder)
        try:
            wait_until_ready(served)
            figures = {"up_ready_s": time.monotonic() - begun, **sweep_figures(served, write_sweep(folder))}
        finally:
            end(served)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def write_sweep(folder: Path) -> Path:
    """A site of twenty drawn backgrounds, and a sweep over fourteen refiners that train for one step; no detectors."""
    run = write_tiny_site(folder)
    rng = np.random.default_rng(1)
    backgrounds = []
    for number in range(_BACKGROUNDS):
        write_png(folder / f"room{number:02d}.png", draw_room(rng))
        backgrounds.append({"image": f"room{number:02d}.png", "camera": "top"})
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE | {"backgrounds": backgrounds}))
    base = yaml.safe_load(run.read_text())
    base["refiner"] = _TINY
    base["render"]["scenes_per_background"] = 1
    run.write_text(yaml.safe_dump(base))
    sweep = {
        "name": "bench",
        "base": run.name,
        "grid": {"training.refiner_seed": list(range(_REFINERS))},
        "set": {"arms": []},
    }
    path = folder / "sweep.yaml"
    path.write_text(yaml.safe_dump(sweep, sort_keys=False))
    return path


def sweep_figures(served: Served, path: Path) -> dict[str, float]:
    """Build the sweep, send it again, and read what the second one cost."""
    send(served, path)
    begun = time.monotonic()
    send(served, path)
    cached_s = time.monotonic() - begun
    run = served.call("flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 1})[0]
    # The server hears of the last steps later than of the run's end; the run's own record is whole.
    num_tasks = len(all_records(Store(served.store))[0]["artifacts"])
    looking_s = looking_up_s(path, served)
    return {
        "cached_sweep_s": cached_s,
        "ms_per_cached_task": 1000 * run["total_run_time"] / num_tasks,
        "overhead_share": (cached_s - looking_s) / _RUN_S,
        "num_tasks": num_tasks,
    }


def send(served: Served, path: Path) -> None:
    """Submit the sweep and wait for its end; RuntimeError with what it said when it fails."""
    command = [sys.executable, "-m", "flows", "submit", str(path)]
    result = run_command(command, served.environment)
    if result.returncode:
        raise RuntimeError(result.stdout + result.stderr)


def looking_up_s(path: Path, served: Served) -> float:
    """What the same walk costs without Prefect: a plan of the finished sweep, less the start of its process."""
    explain = [sys.executable, "-m", "flows", "explain", str(path)]
    empty = [sys.executable, "-c", "import flows.commands.command_line, flows.sweeps.flow"]
    begun = time.monotonic()
    run_command(explain, served.environment)
    between = time.monotonic()
    run_command(empty, served.environment)
    return max(0.0, (between - begun) - (time.monotonic() - between))


def run_command(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[Any]:
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    main()

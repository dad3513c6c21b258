"""`make bench-scale`: what 200 backgrounds x 22 refiners cost when all is in the store; one JSON object at the end.

CPU-seconds of a command and all that it starts, so that shared machines compare. The store is filled by
`tests/benches/filled_store.py`: really made artifacts of a tiny run, copied under the keys of the sweep. A temporary folder
in memory (TMPDIR=/dev/shm) leaves the disk out.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tasks.artifacts.code_version import PROJECT_ROOT
from tests.benches.filled_store import Scale, fill, write_example, write_sweep
from tests.flows.serving import Served, end, start_up, wait_until_ready

_SCALE = Scale(backgrounds=200, refiners=22, photo_px=1600)
# What was asked for, of one sweep.
_ASKED = {"plan_found_cpu_s": 10.0, "found_sweep_s": 60.0}
_TABLES = (
    "flow_run",
    "flow_run_state",
    "task_run",
    "task_run_state",
    "events",
    "event_resources",
    "log",
    "artifact",
)
_SETTLED_S, _PATIENCE_S = 6.0, 600.0


def main() -> None:
    """Fill a store in a temporary folder, measure, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="verisim-bench-") as name:
        folder = Path(name)
        example = write_example(folder)
        flows(["run", str(example)])
        sweep = write_sweep(example, _SCALE)
        num_steps = fill_apart(sweep, folder / "home")
        figures = {"num_steps": float(num_steps), **plan_figures(sweep), **found_figures(sweep)}
        figures |= served_figures(folder, sweep, example)
    figures |= {f"{name}_asked": limit for name, limit in _ASKED.items()}
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


def fill_apart(sweep: Path, home: Path) -> int:
    """Fill the store; the number of steps. Prefect is imported for it, and must not make the user's folder its own."""
    os.environ["PREFECT_HOME"] = str(home)
    _, run = fill(sweep)
    del os.environ["PREFECT_HOME"]  # what is measured has its database in the store
    return len(run.outcomes)


def plan_figures(sweep: Path) -> dict[str, float]:
    """A plan where all is there; one where nothing that follows from renders is; one after new rules of reinsertion."""
    plan = ["sweep", str(sweep), "--dry-run"]
    changes = {
        "found": [],
        "renders_missing": ["render.seed=5"],
        "reinsertion_missing": ["reinsertion.border_fade_px=6"],
    }
    figures = {}
    for name, fields in changes.items():
        cpu_s, wall_s = flows([*plan, *(word for field in fields for word in ("--set", field))])
        figures |= {f"plan_{name}_cpu_s": cpu_s, f"plan_{name}_s": wall_s}
    return figures


def found_figures(sweep: Path) -> dict[str, float]:
    """The whole sweep, with a server of its own."""
    cpu_s, wall_s = flows(["sweep", str(sweep)])
    return {"found_sweep_cpu_s": cpu_s, "found_sweep_s": wall_s}


def served_figures(folder: Path, sweep: Path, example: Path) -> dict[str, float]:
    """The sweep and a small run on the server of `flows up`: seconds, and what its database grew by."""
    served = start_up(folder)
    try:
        wait_until_ready(served)
        send(served, example)
        _, small = grown(served, [str(example)])
        _, plain = grown(served, [str(example), "--set", "compute.engine=plain"])
        sweep_s, large = grown(served, [str(sweep)])
    finally:
        end(served)
    if not large["task_run"]:
        raise RuntimeError(f"the server of {served.url} recorded no step in {served.store}/prefect")
    figures = {"served_sweep_s": sweep_s}
    for name, growth in (("small", small), ("plain", plain), ("sweep", large)):
        figures |= {f"{name}_run_{what}": count for what, count in growth.items()}
    return figures


def grown(served: Served, words: list[str]) -> tuple[float, dict[str, float]]:
    """Seconds of one submitted run, and by how many rows and bytes the server's database grew."""
    before = database(served)
    begun = time.monotonic()
    send(served, *words)
    seconds = time.monotonic() - begun
    after = database(served)
    return seconds, {name: after[name] - before[name] for name in after}


def send(served: Served, *words: str | Path) -> None:
    flows(["submit", *map(str, words)], served.environment)


def database(served: Served) -> dict[str, float]:
    """Rows of each table, and bytes in use, once the server has written what it was told."""
    deadline, found = time.monotonic() + _PATIENCE_S, _read_database(served)
    while time.monotonic() < deadline:
        time.sleep(_SETTLED_S)
        before, found = found, _read_database(served)
        if found == before:
            break
    return found


def _read_database(served: Served) -> dict[str, float]:
    path = served.store / "prefect" / "prefect.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60) as database:
        rows = {name: database.execute(f"select count(*) from {name}").fetchone()[0] for name in _TABLES}
        pages, unused, size = (
            database.execute(f"pragma {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return rows | {"bytes": (pages - unused) * size}


def flows(words: list[str], environment: Mapping[str, str] = os.environ) -> tuple[float, float]:
    """(CPU-seconds, seconds) of a command of `python -m flows`; RuntimeError with what it said when it fails."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "flows", *words]
    result = subprocess.run(
        command, cwd=PROJECT_ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise RuntimeError(result.stdout + result.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, time.monotonic() - begun


if __name__ == "__main__":
    main()

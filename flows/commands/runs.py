"""`python -m flows runs`, `why`, `logs`, `follow` and `cancel`: the runs of a server, from the shell."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.commands.submit import follow, order_of
from flows.server.api import ServerApi
from flows.server.followed_run import STEPS_ONLY
from flows.server.found_run import begun_by_now, find_run, later_than_now, short_id
from flows.server.waiting import why_it_waits

_UNBOUNDED = 100_000  # columns: in a file or a pipe no line is folded


def list_runs(limit: int, *, is_scheduled: bool = False) -> int:
    """Print the newest runs, newest first: name, flow, state, begin, duration, what was built and reused.

    Those that schedules made for later are only counted, or with `is_scheduled` listed alone, the next one first.
    """
    if not 1 <= limit <= 200:
        raise ValueError(f"--limit must be from 1 to 200, but was {limit}")
    api = ServerApi()
    chosen, order = (later_than_now(), "ASC") if is_scheduled else (begun_by_now(), "DESC")
    body = {"flow_runs": chosen, "sort": f"EXPECTED_START_TIME_{order}", "limit": limit}
    runs = api.post("flow_runs/filter", body)
    flows = {flow["id"]: flow["name"] for flow in api.post("flows/filter", {})}
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else _UNBOUNDED
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="dim")
    begun = "begins" if is_scheduled else "begun"
    for name in ("run", "id", "flow", "state", begun, "seconds", "built", "reused"):
        table.add_column(
            name, justify="right" if name in ("seconds", "built", "reused") else "left", overflow="fold"
        )
    for run in runs:
        table.add_row(*map(Text, _row(api, run, flows)))
    console.print(table)
    if not is_scheduled and (later := api.post("flow_runs/count", {"flow_runs": later_than_now()})):
        console.print(f"and {later} scheduled for later; `python -m flows runs --scheduled` lists them")
    return 0


def show_logs(name: str) -> int:
    """Print what a run and its steps logged."""
    api = ServerApi()
    run = find_run(api, name)
    body = {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"}
    for line in api.read_all("logs/filter", body):
        print(f"{_local(line['timestamp'])} {_LEVELS.get(line['level'], line['level']):<7} {line['message']}")
    print(
        f"{run['name']} {short_id(run['id'])}: {run['state_name']} {run['state'].get('message') or ''}".rstrip()
    )
    return 0


def tell_why(name: str) -> int:
    """Print what a run waits for, a reason a line."""
    api = ServerApi()
    run = find_run(api, name)
    print(f"{run['name']} {short_id(run['id'])}: {run['state_name']}")
    for reason in why_it_waits(api, run):
        print(f"  {reason}")
    return 0


def follow_run(name: str) -> int:
    """Follow a run that was sent before; returns its exit code."""
    api = ServerApi()
    run = find_run(api, name)
    return follow(api, run["id"], order_of(api, run))


def cancel_run(name: str) -> int:
    """Ask a run to end: its processes end, what is finished is kept."""
    api = ServerApi()
    run = find_run(api, name)
    if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
        raise ValueError(f"run {run['name']} {short_id(run['id'])} is over: {run['state_name']}")
    answer = api.post(f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING"}})
    print(f"{run['name']} {short_id(run['id'])}: {answer['state']['name']}")
    return 0


_LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "FATAL"}


def _row(api: ServerApi, run: dict[str, Any], flows: dict[str, str]) -> tuple[str, ...]:
    counts = (_count(api, run["id"], state) for state in ("Built", "Cached"))
    begins = run["start_time"] or run["expected_start_time"]
    begun = _local(begins)[5:16] if begins else ""  # without year and seconds
    # Of a run that goes on, the total ends where its last state began.
    seconds = f"{run['estimated_run_time']:.0f}" if run["start_time"] else ""
    flow = flows.get(run["flow_id"], "")
    return run["name"], short_id(run["id"]), flow, run["state_name"], begun, seconds, *map(str, counts)


def _count(api: ServerApi, run_id: str, state: str) -> int:
    chosen = {"state": {"name": {"any_": [state]}}, **STEPS_ONLY}
    return api.post("task_runs/count", {"flow_runs": {"id": {"any_": [run_id]}}, "task_runs": chosen})


def _local(timestamp: str) -> str:
    return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")

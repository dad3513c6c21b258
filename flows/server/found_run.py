"""A run on a server by its name or by the first digits of its id."""

from datetime import UTC, datetime
from typing import Any

from flows.server.api import ServerApi

# Those of scheduled runs begin with the time: what was made within a minute shares eight digits and more.
_DIGITS = len("01a22bac-7d56-7a92")
_MOST_NAMED = 8


def short_id(run: str) -> str:
    """The digits of an id that nearly always name one run; those that do not are refused by `find_run`."""
    return run[:_DIGITS]


def begun_by_now() -> dict[str, Any]:
    """A filter for the runs that have begun or are to begin, without those that schedules made for later."""
    is_due = {"expected_start_time": {"before_": datetime.now(UTC).isoformat()}}
    return {"operator": "or_", "start_time": {"is_null_": False}} | is_due


def later_than_now() -> dict[str, Any]:
    """A filter for the others."""
    return {
        "expected_start_time": {"after_": datetime.now(UTC).isoformat()},
        "start_time": {"is_null_": True},
    }


def find_run(api: ServerApi, name: str) -> dict[str, Any]:
    """The newest run of this name, or the one whose id begins so; ValueError where there is none, or more than one."""
    newest_first = {"sort": "EXPECTED_START_TIME_DESC", "limit": 200}
    if found := api.post("flow_runs/filter", newest_first | {"flow_runs": {"name": {"any_": [name]}}}):
        return found[0]
    runs = [
        run
        for chosen in (begun_by_now(), later_than_now())
        for run in api.post("flow_runs/filter", newest_first | {"flow_runs": chosen})
    ]
    found = [run for run in runs if run["id"].startswith(name.lower())]
    if len(found) > 1:
        raise ValueError(
            f"{len(found)} runs have an id like {name!r}: {_listed(found)}; give more of its digits"
        )
    if not found:
        raise ValueError(
            f"no run, among the newest 200, has the name or an id like {name!r}; `python -m flows runs` lists them"
        )
    return found[0]


def _listed(runs: list[dict[str, Any]]) -> str:
    named = [f"{run['id']} ({run['name']}, {run['state_name']})" for run in runs[:_MOST_NAMED]]
    return ", ".join(named) + (f" and {len(runs) - _MOST_NAMED} more" if len(runs) > _MOST_NAMED else "")

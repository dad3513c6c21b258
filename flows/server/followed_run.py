"""A run on a server, followed from the shell: each step as it ends, why it waits, and how it ended."""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flows.server.api import ServerApi, ServerSilentError
from flows.server.pools import pool_of

_LOOK_EVERY_S = 1.0
_WAITS_LONG_S = 5.0  # a worker takes what waits for it within a second or two
_SILENT_S = 120.0  # a server that restarts is waited for
# States of steps reach the server's database a little after the run's own: what became of the last ones?
_LATE_STEPS_S = 15.0
_QUIET_S = 4.0  # in which no further step came: a sweep makes more artifacts than it has steps
_MADE = re.compile(r"built (\d+), reused (\d+), failed (\d+)")  # a finished run's message
_OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


# Prefect sets a task run of a made-up name beside each training that a run orders; the step itself is another.
STEPS_ONLY = {"subflow_runs": {"exists_": False}}


@dataclass
class FollowedRun:
    """What was heard of one run so far; `say` prints a line for the person who waits."""

    api: ServerApi
    run_id: str
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def until_its_end(self) -> dict[str, Any]:
        """Say what happens until the run is over; the run as the server then has it."""
        started = heard = time.monotonic()
        while True:
            try:
                run = self.api.get(f"flow_runs/{self.run_id}")
                self._show_ended_steps()
                heard = time.monotonic()
            except ServerSilentError:
                if time.monotonic() - heard > _SILENT_S:
                    raise
                self._say_once("the server does not answer; waiting for it")
            else:
                if run["state_type"] in _OVER:
                    self._wait_for_late_steps(run)
                    return run
                if run["state_type"] in ("SCHEDULED", "PENDING") and heard - started > _WAITS_LONG_S:
                    self._say_once(why_it_waits(self.api, run))
            time.sleep(_LOOK_EVERY_S)

    def count(self, state: str) -> int:
        """Steps that ended in a state: Built, Cached, Failed."""
        return sum(step["state_name"] == state for step in self.steps.values())

    def first_failure(self) -> str | None:
        """The first failed step and what went wrong in it."""
        failed = [step for step in self.steps.values() if step["state_name"] == "Failed"]
        return f"{failed[0]['name']}: {_message(failed[0])}" if failed else None

    def _show_ended_steps(self) -> None:
        body = _steps_of(self.run_id, _OVER) | {"sort": "END_TIME_DESC", "limit": 200}
        self._show(self.api.post("task_runs/filter", body))

    def _wait_for_late_steps(self, run: dict[str, Any]) -> None:
        """Until all steps that the run tells of are known to have ended, or none comes any more."""
        unfinished, ended = (_steps_of(self.run_id, states) for states in (("PENDING", "RUNNING"), _OVER))
        begun = last_came = time.monotonic()
        while True:
            before = len(self.steps)
            is_unfinished = self.api.post("task_runs/count", unfinished) > 0
            self._show(self.api.read_all("task_runs/filter", ended | {"sort": "END_TIME_DESC"}))
            now = time.monotonic()
            last_came = now if len(self.steps) > before else last_came
            is_quiet = len(self.steps) >= _count_made(run) or now - last_came > _QUIET_S
            if (is_quiet and not is_unfinished) or now - begun > _LATE_STEPS_S:
                return
            time.sleep(_LOOK_EVERY_S / 4)

    def _show(self, newest_first: list[dict[str, Any]]) -> None:
        for step in reversed(newest_first):
            if step["id"] not in self.steps:
                self.steps[step["id"]] = step
                self.say(describe_step(step))

    def _say_once(self, line: str) -> None:
        if line not in self.said:
            self.said.add(line)
            self.say(line)


def _count_made(run: dict[str, Any]) -> int:
    """Steps that a finished run says it had; 0 of one that says nothing."""
    told = _MADE.match(_message(run))
    return sum(map(int, told.groups())) if told else 0


def describe_step(step: dict[str, Any]) -> str:
    """One line: what became of a step, how long it took, and the first digits of its artifact's key."""
    state = step["state_name"].lower()
    key = _message(step) if state in ("built", "cached") else ""
    return f"  {state:<7} {step['name']:<44} {step['total_run_time']:7.1f} s  {key}".rstrip()


def why_it_waits(api: ServerApi, run: dict[str, Any]) -> str:
    """What a run that has not begun waits for, and what to do about it."""
    on_server = run["work_pool_name"]
    pool = pool_of(on_server)
    if run["state_name"] == "AwaitingConcurrencySlot":
        return "waiting: another run of this deployment is going on"
    online = {"workers": {"status": {"any_": ["ONLINE"]}}}
    if not api.post(f"work_pools/{on_server}/workers/filter", online):
        return f"waiting: no worker polls pool {pool}; start one with `python -m flows worker --pool {pool}`"
    return f"waiting for a worker of pool {pool}, which may be busy with other runs"


def _message(step: dict[str, Any]) -> str:
    """Of its state, of which a server that is busy may know only the name yet."""
    return (step.get("state") or {}).get("message") or ""


def _steps_of(run_id: str, state_types: tuple[str, ...]) -> dict[str, Any]:
    return {
        "flow_runs": {"id": {"any_": [run_id]}},
        "task_runs": {"state": {"type": {"any_": list(state_types)}}, **STEPS_ONLY},
    }

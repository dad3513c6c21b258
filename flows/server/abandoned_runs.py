"""Runs that nobody works at any more are scheduled again: their process, worker and perhaps machine died at once.

Every flow process of this host locks a file named after its run, which the kernel unlocks when the process dies.
"""

import contextlib
import fcntl
import os
import threading
import time
from pathlib import Path
from uuid import UUID

import httpx

from tasks.artifacts.locking import try_lock

_EVERY_S = 10.0
_LONGEST_START_S = 300.0  # from being taken by a worker to the first line of its process


def registry() -> Path:
    """The folder of the locked files, on this host."""
    home = os.environ.get("PREFECT_HOME") or Path.home() / ".prefect"
    return Path(home) / "verisim-flow-processes"


def register(flow_run_id: str) -> None:
    """Lock the file of a run for as long as this process lives."""
    registry().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(registry() / flow_run_id, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def revive_in_background(pool: str) -> None:
    """Look every now and then, in a thread that ends with this process."""
    threading.Thread(target=_look_for_ever, args=(pool,), daemon=True, name="revive").start()


def _look_for_ever(pool: str) -> None:
    seen_dead: set[str] = set()
    seen_taken: dict[UUID, float] = {}
    while True:
        with contextlib.suppress(httpx.HTTPError):  # the server is away: look again later
            seen_dead = _revive_dead(seen_dead)
            seen_taken = _revive_never_started(pool, seen_taken)
        threading.Event().wait(_EVERY_S)


def _revive_dead(seen_before: set[str]) -> set[str]:
    """Schedule runs found dead twice, after the time in which a living worker reports them; returns those seen now."""
    dead = _dead_runs()
    for name in dead & seen_before:
        if _revive(UUID(name)):
            (registry() / name).unlink(missing_ok=True)
    return dead


def _dead_runs() -> set[str]:
    return {path.name for path in registry().glob("*-*") if not _is_locked(path)}


def _is_locked(path: Path) -> bool:
    descriptor = try_lock(path)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None


def _revive(flow_run_id: UUID) -> bool:
    """Whether the run needs no more looking after."""
    from prefect import get_client
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Cancelled

    from flows.server.crashed_runs import schedule_again

    with get_client(sync_client=True) as client:
        try:
            state = client.read_flow_run(flow_run_id).state
        except ObjectNotFound:
            return True
        if state is not None and state.is_running():
            schedule_again(client, flow_run_id, "its process and its worker died")
        elif state is not None and state.is_cancelling():
            client.set_flow_run_state(flow_run_id, Cancelled(message="its process is gone"), force=True)
        return True


def _revive_never_started(pool: str, seen_before: dict[UUID, float]) -> dict[UUID, float]:
    """Schedule runs that a worker of the pool took, and that died before it could start them.

    The time is this process's own, for clocks of hosts differ: returns when it first saw each state of those runs. One
    whose process is alive on this host has only not begun yet. Should a process on another host come so late, it finds
    that the run is not its own any more (flows.server.flow_process).
    """
    from prefect import get_client
    from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter

    from flows.server.crashed_runs import schedule_again

    now, seen = time.monotonic(), {}
    with get_client(sync_client=True) as client:
        taken = client.read_flow_runs(
            flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["PENDING"]}}}),
            work_pool_filter=WorkPoolFilter.model_validate({"name": {"any_": [pool]}}),
        )
        for flow_run in taken:
            assert flow_run.state_id is not None
            since = seen[flow_run.state_id] = seen_before.get(flow_run.state_id, now)
            if now - since >= _LONGEST_START_S and not _has_process(flow_run.id):
                schedule_again(client, flow_run.id, "the worker that took it died")
    return seen


def _has_process(flow_run_id: UUID) -> bool:
    """Whether a process of this host has registered the run and lives."""
    path = registry() / str(flow_run_id)
    return path.exists() and _is_locked(path)

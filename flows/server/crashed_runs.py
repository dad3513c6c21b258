"""Runs that were killed, or whose worker was, begin again by themselves: what they had finished is found in the store."""

import os
import threading
import time
from typing import Any
from uuid import UUID

from prefect import Flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import AwaitingRetry, Crashed

MOST_STARTS = 5  # a run that kills its machine must not do so for ever
_SECOND_REPORT_S = 5.0


def start_again(flow: Flow[..., Any], flow_run: FlowRun, state: State) -> None:
    """The hook `on_crashed`: schedule a run of a deployment again, up to five starts. A failed run is no crashed one."""
    if flow_run.deployment_id is None:
        return
    if "PREFECT__FLOW_RUN_ID" in os.environ:  # in the process of the run, which ends now
        _schedule(flow_run.id)
        return
    # In the worker, which says a second time that the run has crashed when this hook has ended.
    threading.Thread(target=_schedule_later, args=(flow_run.id,), name="start-again").start()


def _schedule_later(flow_run_id: UUID) -> None:
    time.sleep(_SECOND_REPORT_S)
    _schedule(flow_run_id)


def _schedule(flow_run_id: UUID) -> None:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run_id).state
        if state is not None and state.is_crashed():
            schedule_again(client, flow_run_id, state.message or "its process died")


def schedule_again(client: SyncPrefectClient, flow_run_id: UUID, reason: str) -> None:
    """Let a worker take the run once more; one that has begun too often is marked as crashed."""
    starts = client.read_flow_run(flow_run_id).run_count
    if starts >= MOST_STARTS:
        client.set_flow_run_state(
            flow_run_id, Crashed(message=f"started {starts} times: {reason}"), force=True
        )
        return
    start = f"start {starts + 1} of at most {MOST_STARTS}, from what is finished"
    client.set_flow_run_state(flow_run_id, AwaitingRetry(message=f"{start}: {reason}"), force=True)

"""Trainings sent to the work pool gpu: ordered by their deployments, waited for, and cancelled with the run."""

import functools
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Cancelling

from flows.configuration.run import ComputeConfig
from flows.server.pools import pool_name
from flows.trainings.orders import Terms, write_order
from tasks.building.child_process import ChildFailed, stopped_within
from tasks.building.elsewhere import Order, Send
from tasks.training.trainable import Trainable

POOL = "gpu"
DEPLOYMENT = "train/network-from-artifacts"
_POLL_S = 1.0
_PATIENCE_S = 20.0  # a worker asks for work every one to ten seconds
_REVIVAL_S = 30.0  # a crashed training is scheduled again within seconds


def senders(trainables: Sequence[Trainable[Any]], compute: ComputeConfig, terms: Terms) -> Mapping[str, Send]:
    """Where artifacts of some kinds are built instead of here, by kind. ValueError where no server can send them there."""
    if compute.trainings == "here" or not trainables:
        return {}
    _require_deployment()
    return {item.kind: functools.partial(_send, item, terms) for item in trainables}


def _require_deployment() -> None:
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(DEPLOYMENT)
        except ObjectNotFound:
            raise ValueError(
                f"compute.trainings is gpu, but the Prefect server at {client.api_url} has no deployment {DEPLOYMENT}: "
                "start `python -m flows up` and send the run with `python -m flows submit`, or set compute.trainings: here"
            ) from None


def _send(trainable: Trainable[Any], terms: Terms, order: Order) -> bool:
    """Have one training done; whether it was, or another run's was found.

    ChildFailed with the message of a training that failed or was cancelled.
    """
    flow_run = run_deployment(
        DEPLOYMENT,
        parameters={"order": write_order(trainable, order, terms).model_dump(mode="json")},
        flow_run_name=order.label,
        timeout=0,
    )
    assert isinstance(flow_run, FlowRun)
    with get_client(sync_client=True) as client:
        end = _wait_for_end(client, flow_run.id, order.label)
    state = end.state
    if state is None or not state.is_completed():
        what = state.name if state else "without a state"
        message = (state and state.message) or "see its logs"
        raise ChildFailed(f"{order.label} in the pool {POOL} ended {what}: {message}")
    return state.name == "Built"


def _wait_for_end(client: SyncPrefectClient, flow_run_id: UUID, label: str) -> FlowRun:
    """The flow run at its end; a crashed one that begins again has not ended."""
    while True:
        flow_run = _wait(client, flow_run_id, label)
        if not _is_crashed(flow_run) or not _is_revived(client, flow_run_id):
            return flow_run


def _wait(client: SyncPrefectClient, flow_run_id: UUID, label: str) -> FlowRun:
    """The flow run in a final state. Cancels it when this run is stopped."""
    asked, is_warned = time.monotonic(), False
    while True:
        flow_run = client.read_flow_run(flow_run_id)
        state = flow_run.state
        if state is not None and state.is_final():
            return flow_run
        is_waiting = state is None or state.is_scheduled()
        if is_waiting and not is_warned and time.monotonic() - asked > _PATIENCE_S:
            get_run_logger().warning("%s waits: %s", label, _why_waiting(client))
            is_warned = True
        if stopped_within(_POLL_S):
            client.set_flow_run_state(flow_run_id, Cancelling(message="the run that ordered it was stopped"))
            raise ChildFailed(f"{label} was cancelled in the pool {POOL}: the run was stopped")


def _is_revived(client: SyncPrefectClient, flow_run_id: UUID) -> bool:
    """Whether a crashed flow run is scheduled again within a while."""
    asked = time.monotonic()
    while time.monotonic() - asked < _REVIVAL_S and not stopped_within(_POLL_S):
        if not _is_crashed(client.read_flow_run(flow_run_id)):
            return True
    return False


def _is_crashed(flow_run: FlowRun) -> bool:
    return flow_run.state is not None and flow_run.state.is_crashed()


def _why_waiting(client: SyncPrefectClient) -> str:
    workers = client.read_workers_for_work_pool(pool_name(POOL))
    if not any(worker.status == "ONLINE" for worker in workers):
        return (
            f"no worker polls the pool {POOL}; start one with `python -m flows worker --pool {POOL}`, "
            "or cancel this run and set compute.trainings: here"
        )
    return f"the workers of the pool {POOL} are busy with other trainings"

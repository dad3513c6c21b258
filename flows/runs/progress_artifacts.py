"""How far the long steps of a run are, as progress artifacts in Prefect's UI; told from a thread of its own.

A step never waits for the server, and what ended has no artifact: a run's page then shows its results alone.
"""

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.context import FlowRunContext, TaskRunContext
from prefect.exceptions import ObjectNotFound

from tasks.building.progress import Listener
from tasks.building.run_context import Outcome

_EVERY_S = 5.0


@dataclass
class _Step:
    """What one step last reported, and what was told of it."""

    label: str
    flow_run_id: UUID | None
    task_run_id: UUID | None
    began: float = field(default_factory=time.monotonic)
    heard: tuple[int, int, str] | None = None
    heard_after_s: float = 0.0
    told: tuple[int, int, str] | None = None
    artifact_id: UUID | None = None
    is_over: bool = False


class ProgressBoard:
    """The steps of one run that report progress."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._ended = threading.Event()

    def listener_for(self, label: str) -> Listener:
        """The listener of one step; to be asked for in the step's own context."""
        task, flow = TaskRunContext.get(), FlowRunContext.get()
        step = _Step(
            label,
            flow.flow_run.id if flow and flow.flow_run else None,
            task.task_run.id if task else None,
        )
        self._steps.append(step)

        def hear(done: int, total: int, note: str) -> None:
            step.heard, step.heard_after_s = (done, total, note), time.monotonic() - step.began

        return hear

    def end_step(self, outcome: Outcome) -> None:
        """A step was built, was found or failed."""
        for step in self._steps:
            step.is_over = step.is_over or step.label == outcome.label

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the server every few seconds, and at the end that nothing goes on any more."""
        thread = threading.Thread(target=self._tell_until_ended, daemon=True, name="progress")
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(timeout=_EVERY_S)  # a server that does not answer holds up no run

    def _tell_until_ended(self) -> None:
        with get_client(sync_client=True) as client:
            while not self._ended.wait(_EVERY_S):
                self._tell_all(client)
            for step in self._steps:
                step.is_over = True
            self._tell_all(client)

    def _tell_all(self, client: SyncPrefectClient) -> None:
        for step in list(self._steps):
            with contextlib.suppress(httpx.HTTPError):
                if step.is_over:
                    _remove(client, step)
                elif step.heard is not None and step.heard != step.told and step.heard_after_s > _EVERY_S:
                    _tell(client, step, step.heard)


def _tell(client: SyncPrefectClient, step: _Step, heard: tuple[int, int, str]) -> None:
    done, total, note = heard
    percent = 100.0 * done / max(total, 1)
    description = ", ".join(filter(None, (f"{step.label}: {done} of {total}", note)))
    if step.artifact_id is None:
        artifact = ArtifactCreate(
            key=artifact_key(step.label),
            type="progress",
            description=description,
            data=percent,
            flow_run_id=step.flow_run_id,
            task_run_id=step.task_run_id,
        )
        step.artifact_id = client.create_artifact(artifact).id
    else:
        client.update_artifact(step.artifact_id, ArtifactUpdate(data=percent, description=description))
    step.told = heard


def _remove(client: SyncPrefectClient, step: _Step) -> None:
    if step.artifact_id is not None:
        with contextlib.suppress(ObjectNotFound):  # a person removed it
            client.delete_artifact(step.artifact_id)
        step.artifact_id = None


def artifact_key(label: str) -> str:
    """The label in the letters that keys of Prefect's artifacts may have."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower().replace("+", "-plus-")).strip("-")

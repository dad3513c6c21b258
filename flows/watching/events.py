"""Events of ours on a Prefect server, for automations: https://docs.prefect.io/v3/concepts/events."""

import contextlib
import platform
import re
from dataclasses import dataclass

WORKER_SILENT = "verisim.worker.silent"
SCHEDULER_SILENT = "verisim.scheduler.silent"
DISK_LOW = "verisim.disk.low"
TRAINING_COLLAPSED = "verisim.training.collapsed"
TRAINING_SUSPICIOUS = "verisim.training.suspicious"


@dataclass(frozen=True)
class Trouble:
    """What is told: an event, the thing that it is about as words in a row, and a sentence with what to do."""

    event: str
    about: tuple[str, ...]
    message: str

    @property
    def resource(self) -> str:
        """The id that automations match: the beginning of the event's name and the thing."""
        kind = ".".join(self.event.split(".")[:2])
        return ".".join([kind, *(re.sub(r"[^A-Za-z0-9_+-]+", "-", word).strip("-") for word in self.about)])


def tell(trouble: Trouble) -> None:
    """Send it, without waiting; whoever does not hear it loses no run. A run's own event is linked to the run."""
    from prefect.events import emit_event

    resource = {"prefect.resource.id": trouble.resource, "prefect.resource.name": " ".join(trouble.about)}
    payload = {"message": trouble.message, "host": platform.node()}
    with contextlib.suppress(Exception):
        emit_event(trouble.event, resource, payload=payload)

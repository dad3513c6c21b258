"""What becomes of events that wait when a run ends: sent, or dropped after a time, but never tried for an hour."""

import asyncio
import time
from collections.abc import Iterator
from typing import ClassVar
from uuid import uuid4

import pytest
from prefect.events import Event, Resource
from prefect.events.clients import AssertingEventsClient
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.types import DateTime

from flows.engine.quick.events import send_events


class SlowServer(AssertingEventsClient):
    """Takes a while for each event, as a server does that is busy."""

    taken: ClassVar[list[str]] = []
    pause_s = 0.0

    async def _emit(self, event: Event) -> None:
        await asyncio.sleep(self.pause_s)
        self.taken.append(event.event)


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[SlowServer]]:
    monkeypatch.setattr(SlowServer, "taken", [])
    EventsWorker.set_client_override(SlowServer)
    with temporary_settings(
        {PREFECT_API_URL: "http://127.0.0.1:9/api"}
    ):  # else Prefect starts a server for it
        yield SlowServer
    EventsWorker.set_client_override(None)


def emit(count: int) -> None:
    for number in range(count):
        resource = Resource({"prefect.resource.id": "verisim.test"})
        EventsWorker.instance().send(
            Event(occurred=DateTime.now("UTC"), event=f"verisim.{number}", resource=resource, id=uuid4())
        )


def test_all_that_waits_is_sent(server, monkeypatch):
    monkeypatch.setattr(server, "pause_s", 0.01)
    emit(20)
    assert send_events(timeout_s=20) == 0 and len(server.taken) == 20


def test_what_is_not_sent_in_time_is_dropped_and_counted(server, monkeypatch):
    monkeypatch.setattr(server, "pause_s", 0.5)
    emit(100)
    begun = time.monotonic()
    dropped = send_events(timeout_s=1.0)
    assert time.monotonic() - begun < 10 and dropped > 80 and dropped + len(server.taken) >= 99


def test_a_process_that_told_nothing_waits_for_nothing():
    begun = time.monotonic()
    assert send_events(timeout_s=20) == 0 and time.monotonic() - begun < 1

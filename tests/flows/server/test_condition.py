"""How a real server is; and what its services left undone, by answers as it gives them."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from flows.server.api import ServerApi
from flows.server.condition import Worker, _idle_services, read_condition
from flows.server.server_figures import ServerFigures
from tests.flows.serving import Served


@pytest.fixture
def typed(served: Served, monkeypatch) -> None:
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)


def scraped() -> list[str]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServerFigures())
    return [text for text in generate_latest(registry).decode().splitlines() if not text.startswith("#")]


def test_a_server_that_works_is_seen_to_work(served, typed):
    condition = read_condition(ServerApi())
    heard = {worker.pool for worker in condition.workers if not worker.is_silent and worker.is_called_online}
    assert heard == {"render", "gpu"} and condition.idle_services == ()
    figures = scraped()
    assert "verisim_server_up 1.0" in figures and "verisim_scheduler_silent 0.0" in figures
    assert 'verisim_workers{pool="gpu",state="heard"} 1.0' in figures
    assert 'verisim_server_runs{state="late"} 0.0' in figures


def test_a_server_that_does_not_answer_is_a_figure_and_no_failed_scrape(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert scraped() == ["verisim_server_up 0.0"]


class Answers:
    """A server whose services stand still: `planned` runs of its schedule are to come, `overdue` should have begun."""

    def __init__(
        self, schedule: dict[str, Any], *, planned: int, overdue: int, is_active: bool = True
    ) -> None:
        self._deployment = {
            "id": "1",
            "name": "look-for-photos",
            "paused": False,
            "schedules": [{"active": is_active, "schedule": schedule}],
        }
        self._planned, self._overdue = planned, overdue

    def post(self, path: str, body: dict[str, Any]) -> Any:
        assert path == "flow_runs/count"
        return self._overdue if "before_" in body["flow_runs"]["expected_start_time"] else self._planned

    def read_all(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        return [self._deployment]


HOURLY = {"interval": 3600.0}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (Answers(HOURLY, planned=3, overdue=0), []),
        (
            Answers(HOURLY, planned=1, overdue=0),
            ["the schedule of look-for-photos is active, but its next runs"],
        ),
        (Answers({"cron": "0 3 * * *"}, planned=0, overdue=0), ["the schedule of look-for-photos"]),
        (Answers(HOURLY, planned=0, overdue=0, is_active=False), []),
        (Answers({"rrule": "FREQ=DAILY;COUNT=1"}, planned=0, overdue=0), []),
        (Answers(HOURLY, planned=3, overdue=4), ["4 runs are overdue and not marked as late"]),
    ],
)
def test_what_services_left_undone_is_said(answers, said):
    found = _idle_services(answers, ())  # type: ignore[arg-type]
    assert len(found) == len(said)
    assert [text for text, begin in zip(found, said, strict=True) if not text.startswith(begin)] == []


def test_a_silent_worker_that_is_called_online_is_the_services_fault():
    workers = (Worker("gpu", "a", 700.0, True, True), Worker("gpu", "b", 700.0, True, False))
    (said,) = _idle_services(Answers(HOURLY, planned=3, overdue=0), workers)  # type: ignore[arg-type]
    assert said == "the worker a is called online, but was not heard for 700 s"

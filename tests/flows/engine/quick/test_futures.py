"""What is asked of a step's future is answered without the server: none runs in these tests."""

from concurrent.futures import Future
from uuid import uuid4

import pytest
from prefect._internal.result_records import ResultRecord, ResultRecordMetadata
from prefect.states import Completed, Failed

from flows.engine.quick.futures import StepFuture
from flows.engine.step_runner import STEP_RUNNER, StepRunner


@pytest.fixture
def work() -> Future:
    return Future()


@pytest.fixture
def step(work: Future, monkeypatch: pytest.MonkeyPatch) -> StepFuture:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    return StepFuture(uuid4(), work)


def test_a_step_that_goes_on_is_pending_whatever_the_server_knows(step: StepFuture):
    assert step.state.is_pending()


def test_a_step_that_ended_has_its_final_state_though_nobody_waited_for_it(step: StepFuture, work: Future):
    work.set_result(Failed(message="no photo"))
    assert step.state.is_failed()
    assert step.state.message == "no photo"


def test_a_result_is_at_hand(step: StepFuture, work: Future, monkeypatch: pytest.MonkeyPatch):
    record = ResultRecord(result=3, metadata=ResultRecordMetadata(storage_key="in memory"))
    work.set_result(Completed(name="Cached", data=record))
    monkeypatch.delattr("prefect.client.schemas.objects.State.result")  # which would ask an event loop
    assert step.result() == 3
    assert step.state.result() == 3


def test_a_failed_step_raises_each_time(step: StepFuture, work: Future):
    work.set_result(Failed(message="no photo", data=ValueError("no photo")))
    for _ in range(2):
        with pytest.raises(ValueError, match="no photo"):
            step.result()


def test_a_flow_runs_with_a_runner_of_its_own():
    assert isinstance(STEP_RUNNER.duplicate(), StepRunner)

"""What `flows.engine.quick` takes from below Prefect's documented interface is still there, and still of the same form.

A failure names what another version of Prefect has changed. Until that is mended, `compute.engine: plain` runs without.
"""

import inspect
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import prefect
import pytest
from prefect.client.schemas.objects import StateDetails, TaskRun
from prefect.context import FlowRunContext
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Completed
from prefect.task_engine import run_task_sync
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.engine import (
    emit_task_run_state_change_event,
    get_state_for_result,
    link_state_to_task_run_result,
)

TESTED = "3.8.8"


def parameters(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


FORMS = {
    "ThreadPoolTaskRunner.submit": (
        ThreadPoolTaskRunner.submit,
        ["task", "parameters", "wait_for", "dependencies"],
    ),
    "run_task_sync": (
        run_task_sync,
        [
            "task",
            "task_run_id",
            "task_run",
            "parameters",
            "wait_for",
            "return_type",
            "dependencies",
            "context",
        ],
    ),
    "emit_task_run_state_change_event": (
        emit_task_run_state_change_event,
        ["task_run", "initial_state", "validated_state", "follows"],
    ),
    "link_state_to_task_run_result": (link_state_to_task_run_result, ["state", "result"]),
    "get_state_for_result": (get_state_for_result, ["obj"]),
    "PrefectConcurrentFuture": (PrefectConcurrentFuture.__init__, ["task_run_id", "wrapped_future"]),
    "PrefectConcurrentFuture.result": (PrefectConcurrentFuture.result, ["timeout", "raise_on_failure"]),
    "PrefectConcurrentFuture.wait": (PrefectConcurrentFuture.wait, ["timeout"]),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_function_of_prefect_takes_what_it_took(name):
    function, known = FORMS[name]
    assert parameters(function) == known, f"{name} changed between Prefect {TESTED} and {prefect.__version__}"


def test_the_modules_below_prefect_internal_are_there():
    from prefect._internal.result_records import ResultRecord, ResultRecordMetadata
    from prefect._internal.uuid7 import uuid7

    assert uuid7().version == 7
    record = ResultRecord(result=3, metadata=ResultRecordMetadata(storage_key="in memory"))
    assert record.result == 3, f"ResultRecord changed between Prefect {TESTED} and {prefect.__version__}"


def test_a_thread_runner_has_its_threads_and_its_cancel_events():
    with ThreadPoolTaskRunner(2) as runner:
        assert isinstance(runner._executor, ThreadPoolExecutor), "ThreadPoolTaskRunner._executor changed"
        assert runner._cancel_events == {}, "ThreadPoolTaskRunner._cancel_events changed"


def test_a_task_run_that_is_made_by_hand_has_only_fields_that_prefect_knows():
    used = {
        "id",
        "name",
        "flow_run_id",
        "task_key",
        "dynamic_key",
        "task_version",
        "task_inputs",
        "run_count",
    }
    used |= {"flow_run_run_count", "expected_start_time", "start_time", "end_time", "total_run_time", "state"}
    assert used <= set(TaskRun.model_fields), used - set(TaskRun.model_fields)
    assert {"task_run_id", "flow_run_id"} <= set(StateDetails.model_fields)
    assert {"flow_run"} <= set(FlowRunContext.model_fields)
    assert Completed(name="Cached").is_completed()

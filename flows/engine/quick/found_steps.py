"""Steps whose artifact is in the store: they get their one state, Cached, without the rest of Prefect's engine.

The engine takes every step through three states, which costs many times what looking an artifact up does.
"""

from collections.abc import Iterator
from concurrent.futures import Future, wait
from typing import Any
from uuid import UUID, uuid4

from prefect.client.schemas.objects import FlowRun, State, TaskRun, TaskRunResult
from prefect.context import FlowRunContext
from prefect.futures import PrefectConcurrentFuture, PrefectFuture
from prefect.types import DateTime
from prefect.utilities.engine import (
    emit_task_run_state_change_event,
    get_state_for_result,
    link_state_to_task_run_result,
)

from tasks.artifacts.recipe import Ref
from tasks.journeys.step_task import JourneyTask

_SOON_S = 2.0  # a step that waits longer for its inputs is shown as pending, by the engine


def find_step(task: JourneyTask, task_run_id: UUID, parameters: dict[str, Any]) -> State[Any] | None:
    """Where a step's product is found, its final state, of which the server is told; else None, and nothing is told."""
    works = [leaf.wrapped_future for leaf in _leaves(parameters) if isinstance(leaf, PrefectConcurrentFuture)]
    wait(works, timeout=_SOON_S)
    if not all(_is_completed(work) for work in works):
        return None
    begun = DateTime.now("UTC")
    state = task.find(_with_results(parameters))
    if state is None:
        return None
    context = FlowRunContext.get()
    assert context is not None and context.flow_run is not None, "a step was started outside of a flow"
    state.state_details.task_run_id = task_run_id
    state.state_details.flow_run_id = context.flow_run.id
    # For steps that are handed the product instead of the future.
    link_state_to_task_run_result(state, state.data)
    task_run = _task_run(task, parameters, begun, state, context.flow_run)
    emit_task_run_state_change_event(task_run, initial_state=None, validated_state=state)
    return state


def _task_run(
    task: JourneyTask, parameters: dict[str, Any], begun: DateTime, state: State[Any], flow_run: FlowRun
) -> TaskRun:
    """As the engine would have it at the step's end."""
    fields = {
        "id": state.state_details.task_run_id,
        "name": parameters["label"],
        "flow_run_id": flow_run.id,
        "task_key": task.task_key,
        "dynamic_key": str(uuid4()),
        "task_version": task.version,
        "task_inputs": {name: _origins(value) for name, value in parameters.items()},
        "run_count": 1,
        "flow_run_run_count": flow_run.run_count,
        "expected_start_time": begun,
        "start_time": begun,
        "end_time": state.timestamp,
        "total_run_time": state.timestamp - begun,
        "state": state,
    }
    return TaskRun.model_validate(fields)


def _is_completed(work: Future[Any]) -> bool:
    return work.done() and not work.cancelled() and not work.exception() and work.result().is_completed()


def _origins(value: Any) -> list[TaskRunResult]:
    """The steps that a parameter comes from: lines of the run's graph."""
    ids = set()
    for leaf in _leaves(value):
        if isinstance(leaf, PrefectFuture):
            ids.add(leaf.task_run_id)
        elif isinstance(leaf, Ref) and (linked := get_state_for_result(leaf)):
            ids.add(linked[0].state_details.task_run_id)
    return [TaskRunResult(id=each) for each in ids if each]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        yield from (leaf for item in value for leaf in _leaves(item))
    elif isinstance(value, dict):
        yield from (leaf for item in value.values() for leaf in _leaves(item))
    else:
        yield value


def _with_results(value: Any) -> Any:
    """The same with the products of futures in their places."""
    if isinstance(value, list | tuple):
        return type(value)(_with_results(item) for item in value)
    if isinstance(value, dict):
        return {name: _with_results(item) for name, item in value.items()}
    return value.result() if isinstance(value, PrefectFuture) else value

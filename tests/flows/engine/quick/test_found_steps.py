"""Steps whose product is there, without a server: what would be told to it is recorded."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State, TaskRun, TaskRunResult
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from flows.engine.quick import found_steps
from flows.engine.quick.found_steps import find_step
from flows.engine.quick.futures import StepFuture
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.store import Store
from tasks.building.run_context import Run, going_on
from tasks.datasets import gathering
from tasks.datasets.annotations import write_coco
from tasks.journeys import people as journey

FLOW_RUN = FlowRun(flow_id=uuid4(), run_count=2)


class Told(list[tuple[TaskRun, State[Any] | None, State[Any]]]):
    """What the server would be told."""

    def __call__(
        self, task_run: TaskRun, initial_state: State[Any] | None, validated_state: State[Any]
    ) -> None:
        self.append((task_run, initial_state, validated_state))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(found_steps, "emit_task_run_state_change_event", told)
    return told


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run in a flow; no step of it has run."""
    run = Run(Store(tmp_path / "store"), "short")
    with FlowRunContext.model_construct(flow_run=FLOW_RUN, run_results={}), going_on(run):
        yield run


@pytest.fixture
def part(run: Run) -> Ref:
    """A dataset without images."""
    recipe = Recipe("scenes", None, {}, ("tasks.datasets.gathering",), ())
    return run.store.obtain(recipe, lambda out: write_coco(out / "annotations.json", [])).ref


@pytest.fixture
def gathered(run: Run, part: Ref) -> Ref:
    """What gathering that one part gives, made by an earlier run."""
    earlier = Run(run.store, "earlier")
    ref = earlier.obtain(gathering.gather_dataset, None, "gather S", {"parts": (part,)})
    assert isinstance(ref, Ref)
    return ref


def ended(state: State[Any]) -> StepFuture:
    work: Future[Any] = Future()
    work.set_result(state)
    return StepFuture(uuid4(), work)


def gather(*parts: Any) -> State[Any] | None:
    return find_step(journey.gather_dataset, ID, {"parts": list(parts), "label": "gather S"})


ID = UUID(int=7)


def test_a_step_whose_product_is_there_is_cached_and_told_once(run, part, gathered, told):
    input_ = ended(Completed(name="Built", data=part))
    state = gather(input_)
    assert state is not None
    assert (state.name, state.message, state.data) == ("Cached", gathered.key[:12], gathered)
    ((task_run, before, after),) = told
    assert (before, after) == (None, state)
    assert (task_run.id, task_run.name, task_run.flow_run_id) == (ID, "gather S", FLOW_RUN.id)
    assert (task_run.run_count, task_run.flow_run_run_count) == (1, 2)
    assert task_run.task_inputs == {"parts": [TaskRunResult(id=input_.task_run_id)], "label": []}
    assert task_run.start_time is not None and task_run.end_time == state.timestamp
    assert task_run.total_run_time == task_run.end_time - task_run.start_time
    assert [(outcome.label, outcome.state) for outcome in run.outcomes] == [("gather S", "reused")]


def test_a_found_product_is_at_hand_and_known_where_it_is_handed_on(run, part, gathered, told, monkeypatch):
    state = gather(part)
    assert state is not None
    monkeypatch.delattr("prefect.client.schemas.objects.State.result")  # which would ask an event loop
    assert ended(state).result() == gathered
    assert told[0][0].task_inputs["parts"] == []  # that part comes from no step of this run
    run.obtain(gathering.gather_dataset, None, "again", {"parts": (part, gathered)})
    find_step(journey.gather_dataset, UUID(int=9), {"parts": [part, state.data], "label": "again"})
    assert told[1][0].task_inputs["parts"] == [TaskRunResult(id=ID)]


def test_nothing_is_built_recorded_or_told_of_a_step_whose_product_is_not_there(run, part, told):
    assert gather(ended(Completed(name="Built", data=part))) is None
    assert (told, run.outcomes) == ([], [])
    assert [manifest.kind for manifest in run.store.manifests()] == ["scenes"]


def test_a_step_whose_input_failed_or_is_not_there_soon_goes_its_usual_way(
    run, part, gathered, told, monkeypatch
):
    monkeypatch.setattr(found_steps, "_SOON_S", 0.01)
    broken: Future[Any] = Future()
    broken.set_exception(RuntimeError("no event loop"))
    futures = [
        ended(Failed(message="no photo")),
        StepFuture(uuid4(), Future()),
        StepFuture(uuid4(), broken),
    ]
    assert [gather(future) for future in futures] == [None, None, None]
    assert told == []


def test_what_is_wrong_with_a_step_is_left_to_its_real_run(run, told):
    assert find_step(journey.reuse_site, ID, {"site": "artifact:0123", "label": "site"}) is None
    assert (told, run.outcomes) == ([], [])

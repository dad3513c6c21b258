from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from flows.sweeps.config import describe
from flows.sweeps.step_graph import StepGraph
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.run_context import Pending

RUNS = [{"refiner": name, "seed": seed} for name in ("c_cp", "d_s") for seed in ("0", "1")]


@dataclass
class Task:
    name: str


@dataclass
class Starter:
    """Records what is started and gives each step an artifact named after it."""

    calls: list[tuple[str, tuple, dict, str]] = field(default_factory=list)

    def __call__(self, task, *inputs, label, **named):
        self.calls.append((task.name, inputs, named, label))
        return Ref(task.name, f"{task.name}-{len(self.calls)}", "content")

    @property
    def labels(self) -> list[str]:
        return [label for _, _, _, label in self.calls]


class Config(BaseModel):
    size_px: int = 64


RENDER, TRAIN, REFINE = Task("render"), Task("train"), Task("refine")


@pytest.fixture
def starter():
    return Starter()


@pytest.fixture
def graph(starter):
    return StepGraph(starter, describe)


def note_journey(graph, run):
    """Renders are shared, a refiner has its name and seed, and what is refined follows it."""
    start = graph.starter(run)
    render = start(RENDER, Config(), SourceFiles({}), label="render")
    refiner = start(TRAIN, [run["refiner"], run["seed"]], [render], label="train")
    return start(REFINE, label="refine", crops=[render], refiner=refiner)


def test_what_runs_share_is_started_once_and_what_differs_once_each(graph, starter):
    for run in RUNS:
        note_journey(graph, run)
    graph.start_noted()
    assert [name for name, *_ in starter.calls] == ["render"] + 4 * ["train"] + 4 * ["refine"]


def test_a_step_gets_the_products_of_the_steps_that_it_needs(graph, starter):
    last = note_journey(graph, RUNS[0])
    graph.start_noted()
    (_, (config, files), _, _), (_, (_, renders), _, _), (_, _, named, _) = starter.calls
    assert config == Config() and files == SourceFiles({})
    assert [ref.key for ref in renders] == ["render-1"] == [ref.key for ref in named["crops"]]
    assert named["refiner"].key == "train-2" and last.ref().key == "refine-3"


def test_a_label_names_what_its_runs_share_and_a_shared_step_nothing(graph, starter):
    for run in RUNS:
        start = graph.starter(run)
        start(RENDER, label="render")
        start(TRAIN, run["refiner"], label="train")
        start(REFINE, run["refiner"], run["seed"], label="refine")
    graph.start_noted()
    assert starter.labels[:3] == ["render", "train: c_cp", "refine: c_cp, seed 0"]
    assert starter.labels[3:] == [
        "refine: c_cp, seed 1",
        "train: d_s",
        "refine: d_s, seed 0",
        "refine: d_s, seed 1",
    ]


def test_steps_near_the_sources_are_started_first(graph, starter):
    """So that the second refiner does not queue behind all that waits for the first."""
    for run in RUNS[:2]:
        note_journey(graph, run)
    graph.start_noted()
    assert [name for name, *_ in starter.calls] == ["render", "train", "train", "refine", "refine"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((TRAIN, Config()), (RENDER, Config())),
        ((TRAIN, Config()), (TRAIN, Config(size_px=32))),
        ((TRAIN, Ref("crops", "a", "a")), (TRAIN, Ref("crops", "b", "b"))),
        ((TRAIN, Pending("render")), (TRAIN, Pending("crop"))),
    ],
)
def test_steps_differ_by_task_configuration_and_inputs(graph, starter, first, second):
    for task, value in (first, second, first):
        graph.starter(RUNS[0])(task, value, label="step")
    graph.start_noted()
    assert len(starter.calls) == 2


def test_files_differ_by_their_places(graph, starter, tmp_path):
    for name in ("a.png", "b.png", "a.png"):
        graph.starter(RUNS[0])(RENDER, SourceFiles({"photo": tmp_path / name}), label="render")
    graph.start_noted()
    assert len(starter.calls) == 2


def test_what_was_started_is_not_started_again_when_more_is_noted(graph, starter):
    graph.starter(RUNS[0])(RENDER, label="render")
    graph.start_noted()
    for run in RUNS[:2]:
        graph.starter(run)(RENDER, label="render")
        graph.starter(run)(TRAIN, label="train")
    graph.start_noted()
    assert starter.labels == ["render", "train"]


def test_the_steps_of_a_run_are_those_that_it_noted(graph):
    for run in RUNS[:2]:
        note_journey(graph, run)
    assert [node.label for node in graph.nodes_of(RUNS[1])] == ["render", "train", "refine"]

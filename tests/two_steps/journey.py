"""The journey of the pipeline `two_steps`, and its flow."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.pipeline_run import pipeline_flow, run_pipeline
from flows.runs.plain_result import publish_figures
from tasks.artifacts.recipe import Ref
from tasks.building.run_context import Run
from tasks.journeys import shared
from tasks.journeys.step_task import journey_task, obtain
from tasks.sweeping.training_summary import TrainingSummaryConfig
from tests.two_steps.config import PointsConfig, TwoStepsConfig
from tests.two_steps.pipeline import PIPELINE
from tests.two_steps.preparing import prepare_points
from tests.two_steps.training import LineRun, train_line


@journey_task("prepare points")
def points(config: PointsConfig, *, label: str) -> Ref:
    return obtain(prepare_points, config, label)


@journey_task("train line")
def line(config: LineRun, points: Ref, *, label: str) -> Ref:
    return obtain(train_line, config, label, points=points)


@dataclass(frozen=True)
class Products:
    """The trained line."""

    line: Any


def follow(config: TwoStepsConfig, start: Start) -> Walk[Products]:
    """Prepare, and train. It waits for the points, as a journey may."""
    found = yield start(points, config.points, label="points")
    run = LineRun(line=config.line, seed=config.seed).settled()
    return Products(start(line, run, found, label="line"))


def summarise(config: TwoStepsConfig, products: Products, start: Start) -> Any:
    """How far from the points the line is."""
    by_error = TrainingSummaryConfig(figure="val_squared_error", is_higher_better=False)
    return start(shared.summarise_training, by_error, products.line, label="summarise")


def publish(config: TwoStepsConfig, run: Run, summary: Path) -> Path:
    """The page, and what the UI shows of it."""
    return publish_figures(config, run, json.loads((summary / "point.json").read_text())["figures"])


JOURNEY = Journey(follow=follow, report=summarise, publish=publish, summarise=summarise)


@pipeline_flow("two-steps")
def two_steps(config: TwoStepsConfig) -> str:
    """Prepare points and learn the line that they lie along; returns the path of the report's page."""
    return run_pipeline(PIPELINE, config)

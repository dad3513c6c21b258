"""The record of the pipeline `two_steps`, the least that a pipeline is made of: docs/adding_a_pipeline.md explains it."""

from collections.abc import Sequence

from flows.pipelines.pipeline import Pipeline
from tests.two_steps import training
from tests.two_steps.config import TwoStepsConfig


def check(configs: Sequence[TwoStepsConfig]) -> None:
    """ValueError for fewer points than a batch has: the only mistake that the form does not see."""
    for config in configs:
        if config.points.count < config.line.batch_size:
            raise ValueError(
                f"points.count is {config.points.count}, but a batch has {config.line.batch_size}; make more points, or "
                "lower line.batch_size"
            )


PIPELINE = Pipeline(
    name="two_steps",
    config=TwoStepsConfig,
    check=check,
    flow="tests.two_steps.journey:two_steps",
    journey="tests.two_steps.journey:JOURNEY",
    deployment="two-steps/points-to-line",
    about="Points along a line, and a network that learns the line: an example of a pipeline.",
    example="tests/two_steps/run.yaml",
    trainables=(training.TRAINABLE,),
)

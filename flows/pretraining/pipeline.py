"""The record of the pipeline `pretraining`."""

from collections.abc import Sequence
from pathlib import Path

from flows.pipelines.pipeline import Pipeline
from flows.pretraining.config import PretrainConfig
from tasks.training import detector_training
from tasks.training.packing_people import WEIGHTS


def _check(configs: Sequence[PretrainConfig]) -> None:
    """Nothing is read but the configuration."""


PIPELINE = Pipeline(
    name="pretraining",
    config=PretrainConfig,
    check=_check,
    flow="flows.pretraining.flow:pretrain",
    journey="flows.pretraining.journey:JOURNEY",
    deployment="pretrain/rooms-to-weights",
    about="Start weights for detectors: random rooms, rendered people in them, and a detector that learns to find these.",
    example="flows/configs/pretraining/people_synthetic.yaml",
    trainables=(detector_training.TRAINABLE,),
    result="weights",
    page=lambda config: Path(config.output) / WEIGHTS,
)

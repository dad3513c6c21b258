"""What a run through the pipeline `two_steps` depends on: points along a line, and a network that learns the line."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from flows.configuration.run import RunSettings
from models.training.supervised_config import SupervisedConfig


class PointsConfig(BaseModel):
    """Points whose y is slope * x, and noise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(default=64, ge=2)  # how many points
    slope: float = 2.0  # of the line that they lie along
    noise: float = Field(default=0.01, ge=0)  # standard deviation of their y around it
    seed: int = 0  # another one gives other points


class TwoStepsConfig(RunSettings):
    """Everything that a run depends on."""

    pipeline: Literal["two_steps"] = "two_steps"  # this pipeline
    points: PointsConfig = PointsConfig()  # what is learned from
    line: SupervisedConfig = SupervisedConfig(steps=200, batch_size=8, learning_rate=0.05)  # the training
    seed: int = 0  # of the training

    def settled(self) -> Self:
        return self.model_copy(update={"line": self.line.settled()})

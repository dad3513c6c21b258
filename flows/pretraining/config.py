"""What a run through the pipeline `pretraining` depends on: random rooms, people rendered in them, and a detector."""

from typing import Literal, Self

from pydantic import model_validator

from flows.configuration.run import Place, RunSettings
from models.detection.config import DetectorConfig
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.scenes.rendering import RenderConfig
from tasks.sites.random_rooms import RoomsConfig
from tasks.training.in_a_child import TrainingConfig


class PretrainConfig(RunSettings):
    """Everything that the start weights depend on."""

    pipeline: Literal["pretraining"] = "pretraining"  # this pipeline
    output: Place = "weights"  # folder that the weights and their card are copied to
    rooms: RoomsConfig = RoomsConfig()  # random furnished rooms, photographed empty
    render: RenderConfig = RenderConfig()  # how many synthetic scenes, and who is in them
    detection: DetectionSetConfig = DetectionSetConfig()  # what is to be found, and the size of images for it
    detector: DetectorConfig = DetectorConfig()  # the network that finds it, and its training
    training: TrainingConfig = TrainingConfig(detector_seeds=1)  # seeds and threads of the training

    def settled(self) -> Self:
        return self.model_copy(update={"detector": self.detector.settled()})

    @model_validator(mode="after")
    def _starts_from_nothing(self) -> Self:
        if self.detector.weights != "none":
            raise ValueError(
                f"detector.weights is {self.detector.weights!r}, but what is pretrained starts from nothing, so that its "
                "card can say what it has seen; set none"
            )
        return self

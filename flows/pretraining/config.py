"""What a pretraining depends on: random rooms, people rendered in them, and a detector."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from blender_assets.both_sides.field_shapes import booleans_for_numbers, endless_numbers
from flows.configuration.files import apply_overrides, describes_pretraining, read_mapping
from flows.configuration.mistakes import explain_mistakes
from flows.people.config import ComputeConfig, Name
from models.detection.config import DetectorConfig
from tasks.artifacts.opening import DEFAULT, StorePlace
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.scenes.rendering import RenderConfig
from tasks.sites.random_rooms import RoomsConfig
from tasks.training.in_a_child import TrainingConfig


class PretrainConfig(BaseModel):
    """`output` is the folder that the weights and their card are copied to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    store: str = DEFAULT  # a folder, or a URL such as s3://bucket/prefix that several hosts share
    store_cache: str = DEFAULT  # the folder for what this host used of a store with a URL
    output: str
    rooms: RoomsConfig = RoomsConfig()
    render: RenderConfig = RenderConfig()
    detection: DetectionSetConfig = DetectionSetConfig()
    detector: DetectorConfig = DetectorConfig()
    training: TrainingConfig = TrainingConfig(detector_seeds=1)
    compute: ComputeConfig = ComputeConfig()

    @property
    def store_place(self) -> StorePlace:
        return StorePlace(self.store, self.store_cache)

    def settled(self) -> "PretrainConfig":
        """The same with the precision that `auto` is on this machine: what a pretraining's record says."""
        return self.model_copy(update={"detector": self.detector.settled()})


def load_pretrain_config(path: Path, overrides: list[str]) -> PretrainConfig:
    """Read a pretraining; `overrides` are like "detector.steps=100". ValueError, one line for every wrong field."""
    content = read_mapping(path)
    if not describes_pretraining(content):
        raise ValueError(
            f"{path} has no rooms: it is no pretraining; try flows/configs/pretraining/people_synthetic.yaml"
        )
    apply_overrides(content, overrides)
    try:
        config = PretrainConfig.model_validate(content)
    except ValidationError as error:
        raise ValueError("; ".join(f"{path}: {mistake}" for mistake in explain_mistakes(error))) from None
    if wrong := [*booleans_for_numbers(content, config), *endless_numbers(config)]:
        raise ValueError("; ".join(f"{path}: {mistake}" for mistake in wrong))
    if config.detector.weights != "none":
        raise ValueError(
            f"{path}: detector.weights is {config.detector.weights!r}, but what is pretrained starts from nothing, so "
            "that its card can say what it has seen; set none"
        )
    return config

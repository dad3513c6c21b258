"""What a run through the pipeline `segment` depends on: images with label maps, a network, and what is compared."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from flows.configuration.files import put
from flows.configuration.run import RunSettings
from models.configs import to_plain
from models.segmentation.config import SegmentationConfig
from tasks.label_maps.config import LabelMapsConfig
from tasks.training.start_weights import placed


class ArmConfig(BaseModel):
    """One training set, and what its segmenters have otherwise than `segmenter`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # images of R_train by their records: patterns by field (sequence, city, camera, name); empty: all
    where: dict[Literal["name", "sequence", "city", "camera"], tuple[str, ...]] = {}
    # fields of the segmenter by dotted name, e.g. {augmentation.photometric: null}
    set: dict[str, Any] = {}


class SegmentTrainingConfig(BaseModel):
    """Seeds and threads of the trainings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0  # of the first segmenter of an arm; the next have the numbers behind it
    seeds: int = Field(default=3, ge=1)  # segmenters of each arm; one says nothing of how the next would end
    # CPU threads of one training; with another number the last bits of weights may differ
    threads: int = Field(default=1, ge=1)

    def each_seed(self) -> tuple[int, ...]:
        return tuple(range(self.seed, self.seed + self.seeds))


class SegmentConfig(RunSettings):
    """Everything that a run through the pipeline `segment` depends on."""

    pipeline: Literal["segment"] = "segment"  # this pipeline
    label_maps: LabelMapsConfig  # images with a class for every pixel
    segmenter: SegmentationConfig = SegmentationConfig()  # the network and its training
    # what is compared, by name; the first is the baseline of the others
    arms: dict[str, ArmConfig] = Field(default={"all": ArmConfig()})
    training: SegmentTrainingConfig = SegmentTrainingConfig()  # seeds and threads of the trainings

    def settled(self) -> Self:
        return self.model_copy(update={"segmenter": self.segmenter.settled()})

    def placed(self, folder: Path) -> Self:
        maps, network = self.label_maps, self.segmenter
        labels = None if maps.labels is None else str(folder / maps.labels)
        weights = placed(network.weights, folder)
        assert weights != "people_synthetic", "the form of a segmenter has no such weights"
        changed = {
            "label_maps": maps.model_copy(update={"folder": str(folder / maps.folder), "labels": labels}),
            "segmenter": replace(network, weights=weights),
        }
        return self.model_copy(update=changed)

    def segmenter_of(self, arm: str) -> SegmentationConfig:
        """With what the arm sets. ValueError for a field that is none, or its value."""
        content = to_plain(self.segmenter)
        for name, value in self.arms[arm].set.items():
            put(content, name, value, source=f"arms.{arm}.set.{name}")
        return TypeAdapter(SegmentationConfig).validate_python(content)

    @model_validator(mode="after")
    def _arms_are_different(self) -> Self:
        if not self.arms:
            raise ValueError("arms is empty; name at least one training set, e.g. {all: {}}")
        seen: dict[str, str] = {}
        for name, arm in self.arms.items():
            other = seen.setdefault(arm.model_dump_json(), name)
            if other != name:
                raise ValueError(f"arms {other} and {name} are the same training; remove one")
        return self

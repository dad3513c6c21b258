"""What a run through the pipeline `segment` depends on: images with label maps, a network, and what is compared."""

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from flows.configuration.arms import require_different, with_fields
from flows.configuration.run import RunSettings
from models.segmentation.config import SegmentationConfig
from tasks.formats.record_patterns import Patterns
from tasks.label_maps.config import LabelMapsConfig
from tasks.segmentation.evaluation import DISTANCE_EDGES_M
from tasks.sites.sample_street import SampleStreetConfig
from tasks.training.start_weights import placed


class ArmConfig(BaseModel):
    """One training set, and what its segmenters have otherwise than `segmenter`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # images of R_train by their records: patterns by field (sequence, city, camera, condition, name); empty: all
    where: Patterns = {}
    # fields of the segmenter by dotted name, e.g. {augmentation.photometric: null}
    set: dict[str, Any] = {}

    def placed(self, folder: Path) -> Self:
        """With a file of start weights taken as relative to `folder`."""
        changed = dict(self.set)
        if isinstance(weights := changed.get("weights"), dict) and isinstance(
            path := weights.get("path"), str
        ):
            changed["weights"] = weights | {"path": str(folder / path)}
        if isinstance(path := changed.get("weights.path"), str):
            changed["weights.path"] = str(folder / path)
        return self.model_copy(update={"set": changed})


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
    # images with a class for every pixel; leave it out to use sample_street
    label_maps: LabelMapsConfig | None = None
    # rendered streets that stand in for a data set, to try the pipeline without any image
    sample_street: SampleStreetConfig | None = None
    segmenter: SegmentationConfig = SegmentationConfig()  # the network and its training
    # what is compared, by name; the first is the baseline of the others
    arms: dict[str, ArmConfig] = Field(default={"all": ArmConfig()})
    training: SegmentTrainingConfig = SegmentTrainingConfig()  # seeds and threads of the trainings
    # metres from the camera at which bands of distance meet, by which R_test is scored too where depth is known: of
    # [10, 20, 40] the first is 0 to 10 m, the last over 40 m
    distance_edges_m: tuple[float, ...] = DISTANCE_EDGES_M

    def settled(self) -> Self:
        return self.model_copy(update={"segmenter": self.segmenter.settled()})

    def placed(self, folder: Path) -> Self:
        maps, weights = self.label_maps, placed(self.segmenter.weights, folder)
        assert weights != "people_synthetic", "the form of a segmenter has no such weights"
        changed: dict[str, Any] = {
            "segmenter": replace(self.segmenter, weights=weights),
            "arms": {name: arm.placed(folder) for name, arm in self.arms.items()},
        }
        if maps is not None:
            changed["label_maps"] = maps.placed(folder)
        return self.model_copy(update=changed)

    def segmenter_of(self, arm: str) -> SegmentationConfig:
        """With what the arm sets. ValueError for a field that is none, or its value."""
        return with_fields(self.segmenter, self.arms[arm].set, source=f"arms.{arm}.set")

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.label_maps is None) == (self.sample_street is None):
            raise ValueError(
                "exactly one of label_maps (a folder) and sample_street (the stand-in) must be given"
            )
        return self

    @field_validator("distance_edges_m")
    @classmethod
    def _edges_rise(cls, edges_m: tuple[float, ...]) -> tuple[float, ...]:
        if not all(near < far < math.inf for near, far in itertools.pairwise((0, *edges_m))):
            raise ValueError(
                f"distance_edges_m must be metres above 0 that rise, but was {list(edges_m)}, e.g. [10, 20, 40]"
            )
        return edges_m

    @model_validator(mode="after")
    def _arms_are_different(self) -> Self:
        if not self.arms:
            raise ValueError("arms is empty; name at least one training set, e.g. {all: {}}")
        require_different(self.arms)
        return self

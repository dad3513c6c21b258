"""What a run through the pipeline `cycle_segmentation` depends on: images with label maps, two networks, and noise."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from flows.configuration.arms import require_different, with_fields
from flows.configuration.run import RunSettings
from flows.segment.config import SegmentTrainingConfig
from models.configs import to_plain
from models.cycle_segmentation.config import CycleSegmentationConfig, NoiseConfig
from tasks.formats.record_patterns import Patterns
from tasks.label_maps.config import LabelMapsConfig
from tasks.sites.sample_street import SampleStreetConfig

BASELINE, WEIGHTED = "erfnet", "erfnet_weighted"  # arms of every run, without a cycle
ArmName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=60)]


class CycleArmConfig(BaseModel):
    """One training with a cycle: the noise on its latent maps, and what it has otherwise than `network`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    noise: NoiseConfig = NoiseConfig()  # on the latent maps, in the forward cycle
    # Gaussian noise takes the signal-to-noise ratio that this noise was measured to have on R_val, as the paper did
    snr_of: NoiseConfig | None = None
    # fields of the network by dotted name, e.g. {cycle.beta: 0.5}
    set: dict[str, Any] = {}

    @model_validator(mode="after")
    def _only_gaussian_noise_takes_a_ratio(self) -> Self:
        if self.snr_of is None:
            return self
        if self.noise.kind != "gaussian":
            raise ValueError(
                f"snr_of is given, but noise.kind is {self.noise.kind}; only gaussian noise has a ratio to be set"
            )
        if self.snr_of.kind in ("none", "gaussian"):
            raise ValueError(
                f"snr_of.kind is {self.snr_of.kind}, whose ratio needs no measuring; give max_only or quantization, "
                "or set noise.snr_db"
            )
        return self


class PartlyLabelledConfig(BaseModel):
    """Images of R_train whose label map, and label maps whose image, is not used: patterns by field of their records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # these images take part in the forward cycle alone, as if they had no label map
    images_only: Patterns = {}
    # these label maps take part in the backward cycle alone, as if they had no image
    labels_only: Patterns = {}


class CycleSegmentationRun(RunSettings):
    """Everything that a run through the pipeline `cycle_segmentation` depends on."""

    pipeline: Literal["cycle_segmentation"] = "cycle_segmentation"  # this pipeline
    # images with a class for every pixel; leave it out to use sample_street
    label_maps: LabelMapsConfig | None = None
    # rendered streets that stand in for a data set, to try the pipeline without any image
    sample_street: SampleStreetConfig | None = None
    # a folder of images without label maps, which take part in the forward cycle; left out: there are none
    unlabelled: LabelMapsConfig | None = None
    # which part of R_train is used without its label maps, or without its images
    partly: PartlyLabelledConfig = PartlyLabelledConfig()
    # both generators and the discriminator, and their training
    network: CycleSegmentationConfig = CycleSegmentationConfig()
    # trainings with a cycle, by name; erfnet and erfnet_weighted, without one, are trained beside them in every run
    arms: dict[ArmName, CycleArmConfig] = Field(
        default={
            "none": CycleArmConfig(),
            "quantization_2": CycleArmConfig(noise=NoiseConfig(kind="quantization", bits=2)),
        }
    )
    training: SegmentTrainingConfig = SegmentTrainingConfig()  # seeds and threads of the trainings

    def settled(self) -> Self:
        return self.model_copy(update={"network": self.network.settled()})

    def placed(self, folder: Path) -> Self:
        places = {
            name: maps.placed(folder)
            for name in ("label_maps", "unlabelled")
            if (maps := getattr(self, name)) is not None
        }
        return self.model_copy(update=places)

    def network_of(self, arm: str) -> CycleSegmentationConfig:
        """Of any arm of the run. ValueError for a field that is none, or its value."""
        if arm in (BASELINE, WEIGHTED):
            weights = "none" if arm == BASELINE else "erfnet"
            return with_fields(self.network, {"cycle": None, "class_weights": weights}, source=arm)
        own = self.arms[arm]
        noise = {"cycle.noise": to_plain(own.noise)}
        return with_fields(self.network, noise | own.set, source=f"arms.{arm}.set")

    def all_arms(self) -> tuple[str, ...]:
        """The two without a cycle come first."""
        return (BASELINE, WEIGHTED, *self.arms)

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.label_maps is None) == (self.sample_street is None):
            raise ValueError(
                "exactly one of label_maps (a folder) and sample_street (the stand-in) must be given"
            )
        return self

    @model_validator(mode="after")
    def _arms_are_different(self) -> Self:
        for name in self.arms:
            if name in (BASELINE, WEIGHTED):
                raise ValueError(
                    f"arms.{name} has the name of an arm that every run has; give it another name"
                )
        require_different(self.arms)
        return self

    @model_validator(mode="after")
    def _has_a_cycle(self) -> Self:
        if self.network.cycle is None:
            raise ValueError(
                "network.cycle is null, but arms are trainings with a cycle; leave it out: erfnet is trained in every run"
            )
        return self

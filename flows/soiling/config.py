"""What a run through the pipeline `soiling` depends on: clean and soiled images, what soils them, what is compared."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from flows.configuration.arms import require_different, with_fields
from flows.configuration.run import RunSettings
from flows.segment.config import SegmentTrainingConfig
from flows.soiling.arms import USUAL_ARMS, ArmName, DegradationConfig, MasksConfig, SoilingArmConfig, Way
from models.augmentation.config import PhotometricConfig
from models.segmentation.config import SegmentationAugmentation, SegmentationConfig, SegmentationLosses
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.super_resolution.config import SuperResolutionConfig
from models.translation.families.cyclegan_config import CycleganConfig
from tasks.label_maps.config import LabelMapsConfig
from tasks.sites.sample_street import SampleStreetConfig
from tasks.soiling.realism import RealismConfig
from tasks.soiling.stand_in import StandInConfig
from tasks.training.refiner_forms import RefinerToTrain
from tasks.training.start_weights import placed
from tasks.training.translator_runs import each_weights

LEVELS = 4  # of soiling: clear, transparent, semi-transparent, opaque
_CONTRAST = PhotometricConfig(
    brightness=0, gamma=0, color_gain=0, saturation=0, blur_probability=0, noise_probability=0
)
SOILING_SEGMENTER = SegmentationConfig(
    network="fcn8_resnet50",
    num_classes=LEVELS,
    losses=SegmentationLosses(pixel="binary"),
    augmentation=SegmentationAugmentation(photometric=_CONTRAST),
)


class SoilingRun(RunSettings):
    """Everything that a run through the pipeline `soiling` depends on."""

    pipeline: Literal["soiling"] = "soiling"  # this pipeline
    # clean images with a class for every pixel; leave it out to use sample_street
    label_maps: LabelMapsConfig | None = None
    # rendered streets that stand in for a data set, to try the pipeline without any image
    sample_street: SampleStreetConfig | None = None
    # images through soiled lenses, annotated with the four levels, as WoodScape's are; leave it out to use stand_in
    soiled: LabelMapsConfig | None = None
    # soiling drawn over the clean images, which stands in for real one, to try the pipeline without soiled images
    stand_in: StandInConfig | None = None
    # M, which finds soiling, and its training: ResNet50 with FCN8 and binary cross entropy, flips and contrast, as the seed
    segmenter: SegmentationConfig = SOILING_SEGMENTER
    # what the M that guides generation, at a quarter of width and height, has otherwise, by dotted name
    guide_set: dict[str, Any] = Field(default={})
    mask_vae: MaskVaeConfig = MaskVaeConfig()  # the VAE of masks
    masks: MasksConfig = MasksConfig()  # what is made by it
    super_resolution: SuperResolutionConfig = (
        SuperResolutionConfig()
    )  # U, of images at a quarter of their size
    translator: RefinerToTrain = CycleganConfig()  # of the baseline: clean to soiled, all over the image
    dirty_gan: DirtyGanConfig = DirtyGanConfig()  # the CycleGAN that is confined to masks
    realism: RealismConfig = RealismConfig()  # how far generated soiling is from the real test's
    # what M is trained on, by name; the first is the baseline of the others
    arms: dict[ArmName, SoilingArmConfig] = Field(default=USUAL_ARMS, min_length=1)
    # what soiling does to a segmenter of scenes, and what training on soiled images wins back; null: is not asked
    degradation: DegradationConfig | None = DegradationConfig()
    training: SegmentTrainingConfig = SegmentTrainingConfig()  # seeds and threads of the trainings

    def settled(self) -> Self:
        names = ("segmenter", "mask_vae", "super_resolution", "translator", "dirty_gan")
        changed: dict[str, Any] = {name: getattr(self, name).settled() for name in names}
        if self.degradation is not None:
            scenes = self.degradation.segmenter.settled()
            changed["degradation"] = self.degradation.model_copy(update={"segmenter": scenes})
        return self.model_copy(update=changed)

    def placed(self, folder: Path) -> Self:
        changed: dict[str, Any] = {
            name: maps.placed(folder)
            for name in ("label_maps", "soiled")
            if (maps := getattr(self, name)) is not None
        }
        changed["segmenter"] = _placed_weights(self.segmenter, folder)
        changed["translator"] = each_weights(self.translator, lambda _, weights: placed(weights, folder))
        if self.degradation is not None:
            scenes = _placed_weights(self.degradation.segmenter, folder)
            changed["degradation"] = self.degradation.model_copy(update={"segmenter": scenes})
        return self.model_copy(update=changed)

    def segmenter_of(self, arm: str) -> SegmentationConfig:
        """With what the arm sets. ValueError for a field that is none, or its value."""
        return with_fields(self.segmenter, self.arms[arm].set, source=f"arms.{arm}.set")

    def guide(self) -> SegmentationConfig:
        """M at a quarter of the size. ValueError as `segmenter_of`."""
        return with_fields(self.segmenter, self.guide_set, source="guide_set")

    def ways(self) -> set[str]:
        """By what images are to be soiled."""
        found = {arm.generated for arm in self.arms.values()} - {"none"}
        return found if self.degradation is None else found | {self.degradation.soiled_by}

    @model_validator(mode="after")
    def _has_its_sources(self) -> Self:
        if (self.label_maps is None) == (self.sample_street is None):
            raise ValueError(
                "exactly one of label_maps (a folder) and sample_street (the stand-in) must be given"
            )
        if (self.soiled is None) == (self.stand_in is None):
            raise ValueError("exactly one of soiled (a folder) and stand_in (drawn soiling) must be given")
        if self.stand_in is None and "stand_in" in self.ways():
            raise ValueError(
                "degradation.soiled_by is stand_in, but there is no stand_in; give one, or soil by baseline or dirty_gan"
            )
        return self

    def dirty_gan_of(self, way: Way) -> DirtyGanConfig:
        """The network of a way that is one of `DIRTY_GANS`."""
        return replace(self.dirty_gan, mask_input="dot") if way == "dirty_gan_dot" else self.dirty_gan

    @model_validator(mode="after")
    def _dot_is_an_ablation(self) -> Self:
        if "dirty_gan_dot" in self.ways() and self.dirty_gan.mask_input == "dot":
            raise ValueError(
                "dirty_gan.mask_input is dot, by which dirty_gan_dot is the same network; set it to concat"
            )
        return self

    @model_validator(mode="after")
    def _arms_are_different(self) -> Self:
        require_different(self.arms)
        return self


def _placed_weights(segmenter: SegmentationConfig, folder: Path) -> SegmentationConfig:
    weights = placed(segmenter.weights, folder)
    assert weights != "people_synthetic", "the form of a segmenter has no such weights"
    return replace(segmenter, weights=weights)

"""What a run through the pipeline `people` depends on: the steps' configurations joined."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Tag,
    model_validator,
)

from flows.configuration.mistakes import TO_TRAIN, TRAINED
from flows.configuration.run import RunSettings
from models.detection.config import DetectorConfig
from models.translation.families.cyclegan_config import CycleganConfig
from tasks.artifacts.opening import IN_CONFIGURATION
from tasks.crops.cropping import CropConfig
from tasks.crops.refiner_measuring import MeasuringConfig
from tasks.crops.reinsertion import ReinsertionConfig
from tasks.crops.styling import StylingConfig
from tasks.datasets.splits import RealImagesConfig
from tasks.detection.arms import Arm, check_arm
from tasks.detection.evaluation import EvaluationConfig
from tasks.detection.label_check import LabelCheckConfig
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.scenes.rendering import RenderConfig
from tasks.sites.sample_site import SampleSiteConfig
from tasks.sites.site_versions import is_stored, site_file
from tasks.training.in_a_child import TrainingConfig
from tasks.training.refiner_forms import RefinerToTrain
from tasks.training.refiner_reuse import TrainedRefiner
from tasks.training.start_weights import placed
from tasks.training.translator_runs import each_weights


def _alternative(refiner: Any) -> str:
    is_trained = isinstance(refiner, TrainedRefiner) or (isinstance(refiner, dict) and "from" in refiner)
    return TRAINED if is_trained else TO_TRAIN


Refiner = Annotated[
    Annotated[RefinerToTrain, Tag(TO_TRAIN)] | Annotated[TrainedRefiner, Tag(TRAINED)],
    Discriminator(_alternative),
]


class PeopleConfig(RunSettings):
    """Everything that a run through the pipeline `people` depends on. Exactly one of `site` and `sample_site` is given."""

    pipeline: Literal["people"] = "people"  # this pipeline
    # of the photos and all that is made from them; for the cards of exported datasets
    licence: str | None = None
    # a site file, or artifact:KEY for a version of a watched site; leave it out to use sample_site
    site: str | None = None
    # a rendered stand-in for a site and its real images, to try the product without any photo
    sample_site: SampleSiteConfig | None = None
    # annotated photos of the site: what a site file needs beside it
    real_images: RealImagesConfig | None = None
    render: RenderConfig = RenderConfig()  # how many synthetic scenes, and who is in them
    crops: CropConfig = CropConfig()  # how people are cut out for the refiner
    # what makes people look like those of the real images: one to train, or a trained one
    refiner: Refiner = CycleganConfig()
    measuring: MeasuringConfig = MeasuringConfig()  # how near the refined crops come to the real ones
    reinsertion: ReinsertionConfig = ReinsertionConfig()  # how refined crops return into their scenes
    styling: StylingConfig = StylingConfig()  # the textured people of the training set S_style
    detection: DetectionSetConfig = DetectionSetConfig()  # what is to be found, and the size of images for it
    detector: DetectorConfig = DetectorConfig()  # the network that finds it, and its training
    # training sets to compare, a detector each: R_train real, S synthetic, S+ refined, S_style textured
    # images, or so many as in S+:100
    arms: tuple[Annotated[Arm, AfterValidator(check_arm)], ...] = (
        ("S",),
        ("R_train",),
        ("S+",),
        ("R_train", "S+"),
    )
    training: TrainingConfig = TrainingConfig()  # seeds and threads of the trainings
    evaluation: EvaluationConfig = EvaluationConfig()  # how detectors are scored and compared
    label_check: LabelCheckConfig = LabelCheckConfig()  # when detectors contradict an annotation

    def settled(self) -> Self:
        refiner = self.refiner if isinstance(self.refiner, TrainedRefiner) else self.refiner.settled()
        return self.model_copy(update={"refiner": refiner, "detector": self.detector.settled()})

    def placed(self, folder: Path) -> Self:
        changed = {
            "refiner": _placed_refiner(self.refiner, folder),
            "detector": replace(self.detector, weights=placed(self.detector.weights, folder)),
            "measuring": _placed_measuring(self.measuring, folder),
            "render": _placed_render(self.render, folder),
        }
        if self.site is not None and not is_stored(self.site):
            changed["site"] = str(folder / self.site)
        if self.site is not None and self.real_images is not None:
            changed["real_images"] = _placed_images(self.real_images, folder)
        return self.model_copy(update=changed)

    @model_validator(mode="after")
    def _has_one_site(self) -> "PeopleConfig":
        if (self.site is None) == (self.sample_site is None):
            raise ValueError("exactly one of site (a file) and sample_site (the stand-in) must be given")
        if self.site is not None and self.real_images is None:
            raise ValueError("real_images is missing; say where the annotated real images of the site are")
        if len({frozenset(arm) for arm in self.arms}) < len(self.arms):
            raise ValueError("arms must list different training sets, but one is there twice; remove it")
        return self

    @model_validator(mode="after")
    def _chooses_as_it_scores(self) -> "PeopleConfig":
        """A threshold that is best at one overlap is not at another."""
        if self.detector.match_iou != self.evaluation.iou:
            raise ValueError(
                f"evaluation.iou is {self.evaluation.iou:g}, but detector.match_iou, by which checkpoint and threshold "
                f"are chosen on R_val, is {self.detector.match_iou:g}; set both to the same overlap"
            )
        return self


def site_path(config: PeopleConfig) -> Path:
    """The site file of a run that has one, also where it is a version in the store."""
    assert config.site is not None, "a run on the stand-in site has no site file before it starts"
    if is_stored(config.site):
        return site_file(config.store_place.open_existing(named_by=IN_CONFIGURATION), config.site)
    return Path(config.site)


def require_arms(config: PeopleConfig) -> None:
    """ValueError where no detector is to be trained."""
    if not config.arms:
        raise ValueError(
            "arms is empty, but a run ends with the report on its detectors; list training sets, e.g. "
            "[[S], [R_train], [R_train, S+]]. Only a sweep may leave detectors out"
        )


def _placed_measuring(measuring: MeasuringConfig, folder: Path) -> MeasuringConfig:
    features = replace(measuring.features, weights=placed(measuring.features.weights, folder))
    return measuring.model_copy(update={"features": features})


def _placed_render(render: RenderConfig, folder: Path) -> RenderConfig:
    settings = render.settings.model_copy(update={"poses": render.settings.poses.placed(folder)})
    return render.model_copy(update={"settings": settings})


def _placed_images(real: RealImagesConfig, folder: Path) -> RealImagesConfig:
    images = None if real.images is None else str(folder / real.images)
    return real.model_copy(update={"annotations": str(folder / real.annotations), "images": images})


def _placed_refiner(refiner: Refiner, folder: Path) -> Refiner:
    if isinstance(refiner, TrainedRefiner):
        return refiner
    return each_weights(refiner, lambda _, weights: placed(weights, folder))

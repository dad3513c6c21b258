"""One YAML file per run: the steps' configurations joined, with overrides from the command line."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from blender_assets.both_sides.field_shapes import booleans_for_numbers, endless_numbers
from flows.configuration.files import apply_overrides, describes_pretraining, describes_sweep, read_mapping
from flows.configuration.mistakes import TO_TRAIN, TRAINED, explain_mistakes
from flows.configuration.refiners import RefinerToTrain
from models.detection.config import DetectorConfig
from models.translation.families.cyclegan_config import CycleganConfig
from tasks.artifacts.opening import DEFAULT, IN_CONFIGURATION, StorePlace
from tasks.crops.cropping import CropConfig
from tasks.crops.refiner_measuring import MeasuringConfig
from tasks.crops.reinsertion import ReinsertionConfig
from tasks.crops.styling import StylingConfig
from tasks.datasets.real_images import RealImagesConfig
from tasks.detection.arms import Arm, check_arm
from tasks.detection.evaluation import EvaluationConfig
from tasks.detection.label_check import LabelCheckConfig
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.scenes.rendering import RenderConfig
from tasks.sites.sample_site import SampleSiteConfig
from tasks.sites.site_versions import is_stored, site_file
from tasks.training.in_a_child import TrainingConfig
from tasks.training.refiner_reuse import TrainedRefiner
from tasks.training.refiner_training import each_weights
from tasks.training.start_weights import placed


def _alternative(refiner: Any) -> str:
    is_trained = isinstance(refiner, TrainedRefiner) or (isinstance(refiner, dict) and "from" in refiner)
    return TRAINED if is_trained else TO_TRAIN


Refiner = Annotated[
    Annotated[RefinerToTrain, Tag(TO_TRAIN)] | Annotated[TrainedRefiner, Tag(TRAINED)],
    Discriminator(_alternative),
]


def _check_place(place: str) -> str:
    if "\0" in place:
        raise ValueError(f"{place!r} is no place that a system has; write a folder or a URL")
    return place


Place = Annotated[str, AfterValidator(_check_place)]
# of a run or a sweep, and of its report's folder: neither hidden, nor `..`, nor an option of a command
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=100)]


class ComputeConfig(BaseModel):
    """Where the run works; nothing here changes a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # steps built at the same time; None: one for every core
    num_workers: int | None = Field(default=None, ge=1)
    # here: where the run is; gpu: on the workers of the work pool gpu
    trainings: Literal["here", "gpu"] = "here"
    # hours after which the run, and every training that it ordered, is ended; None: never
    timeout_h: float | None = Field(default=None, gt=0)


class RunConfig(BaseModel):
    """Everything that one run depends on. Exactly one of `site` and `sample_site` is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # names the run and its report's folder; letters, digits, dots, dashes and underscores
    name: Name
    # of the photos and all that is made from them; for the cards of exported datasets
    licence: str | None = None
    store: Place = DEFAULT  # a folder, or a URL such as s3://bucket/prefix that several hosts share
    store_cache: Place = DEFAULT  # the folder for what this host used of a store with a URL
    output: Place = "runs"  # folder of the reports
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
    compute: ComputeConfig = ComputeConfig()  # where the run works; changes no result

    @property
    def store_place(self) -> StorePlace:
        return StorePlace(self.store, self.store_cache)

    def settled(self) -> "RunConfig":
        """The same with the precisions that `auto` is on this machine: what a run's record says."""
        refiner = self.refiner if isinstance(self.refiner, TrainedRefiner) else self.refiner.settled()
        return self.model_copy(update={"refiner": refiner, "detector": self.detector.settled()})

    @model_validator(mode="after")
    def _has_one_site(self) -> "RunConfig":
        if (self.site is None) == (self.sample_site is None):
            raise ValueError("exactly one of site (a file) and sample_site (the stand-in) must be given")
        if self.site is not None and self.real_images is None:
            raise ValueError("real_images is missing; say where the annotated real images of the site are")
        if len({frozenset(arm) for arm in self.arms}) < len(self.arms):
            raise ValueError("arms must list different training sets, but one is there twice; remove it")
        return self

    @model_validator(mode="after")
    def _chooses_as_it_scores(self) -> "RunConfig":
        """A threshold that is best at one overlap is not at another."""
        if self.detector.match_iou != self.evaluation.iou:
            raise ValueError(
                f"evaluation.iou is {self.evaluation.iou:g}, but detector.match_iou, by which checkpoint and threshold "
                f"are chosen on R_val, is {self.detector.match_iou:g}; set both to the same overlap"
            )
        return self


def load_run_config(path: Path, overrides: list[str]) -> RunConfig:
    """Read a run configuration; `overrides` are like "refiner.epochs=20". Relative places are relative to the file.

    Raises ValueError, one line for every wrong field.
    """
    content = read_mapping(path)
    if describes_sweep(content):
        raise ValueError(f"{path} is a sweep of many runs; give it to `python -m flows sweep`")
    if describes_pretraining(content):
        raise ValueError(f"{path} is a pretraining; give it to `python -m flows pretrain`")
    apply_overrides(content, overrides)
    return place(validate(content, source=str(path)), path.parent.resolve())


@dataclass(frozen=True)
class RenderPlan:
    """What a preview needs of a run: the site, how it is rendered, and the store."""

    site: Path
    render: RenderConfig
    store: StorePlace


def load_render_plan(path: Path, overrides: list[str]) -> RenderPlan:
    """From a run configuration, or from a bare site file with the defaults of everything else.

    Raises ValueError, one line for every wrong field, and for a run on the stand-in site.
    """
    if "cameras" not in read_mapping(path):
        config = load_run_config(path, overrides)
        if config.site is None:
            raise ValueError(
                f"{path} makes its own sample_site, which stands only after a run; name a site file instead"
            )
        return RenderPlan(site_path(config), config.render, config.store_place)
    content: dict[str, Any] = {}
    apply_overrides(content, overrides)
    try:
        render = _RenderOnly.model_validate(content).render
    except ValidationError as error:
        raise ValueError("; ".join(f"--set: {mistake}" for mistake in explain_mistakes(error))) from None
    return RenderPlan(path, render, StorePlace())


def site_path(config: RunConfig) -> Path:
    """The site file of a run that has one, also where it is a version in the store."""
    assert config.site is not None, "a run on the stand-in site has no site file before it starts"
    if is_stored(config.site):
        return site_file(config.store_place.open_existing(named_by=IN_CONFIGURATION), config.site)
    return Path(config.site)


def validate(content: dict[str, Any], *, source: str, form: type[RunConfig] = RunConfig) -> RunConfig:
    """The run configuration in `content`; ValueError names every wrong field, its value and what is allowed."""
    if wrong := find_mistakes(content, form=form):
        raise ValueError("; ".join(f"{source}: {mistake}" for mistake in wrong))
    return form.model_validate(content)


def find_mistakes(content: dict[str, Any], *, form: type[RunConfig] = RunConfig) -> list[str]:
    """One line for every wrong field of a run configuration."""
    try:
        config = form.model_validate(content)
    except ValidationError as error:
        return explain_mistakes(error)
    return [*booleans_for_numbers(content, config), *endless_numbers(config)]


class _RenderOnly(BaseModel):
    """What `--set` may change of a bare site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    render: RenderConfig = RenderConfig()


def require_arms(config: RunConfig) -> None:
    """ValueError where no detector is to be trained."""
    if not config.arms:
        raise ValueError(
            "arms is empty, but a run ends with the report on its detectors; list training sets, e.g. "
            "[[S], [R_train], [R_train, S+]]. Only a sweep may leave detectors out"
        )


def place(config: RunConfig, folder: Path) -> RunConfig:
    """The same configuration with absolute places, so that it means the same on any working folder."""
    detector = replace(config.detector, weights=placed(config.detector.weights, folder))
    features = config.measuring.features
    features = replace(features, weights=placed(features.weights, folder))
    measuring = config.measuring.model_copy(update={"features": features})
    refiner = _placed_refiner(config.refiner, folder)
    config = config.model_copy(update={"detector": detector, "refiner": refiner, "measuring": measuring})
    poses = config.render.settings.poses.placed(folder)
    settings = config.render.settings.model_copy(update={"poses": poses})
    config = config.model_copy(update={"render": config.render.model_copy(update={"settings": settings})})
    if config.site is None or config.real_images is None:
        return config
    real = config.real_images
    images = None if real.images is None else str(folder / real.images)
    real = real.model_copy(update={"annotations": str(folder / real.annotations), "images": images})
    site = config.site if is_stored(config.site) else str(folder / config.site)
    return config.model_copy(update={"site": site, "real_images": real})


def _placed_refiner(refiner: Refiner, folder: Path) -> Refiner:
    if isinstance(refiner, TrainedRefiner):
        return refiner
    return each_weights(refiner, lambda weights: placed(weights, folder))

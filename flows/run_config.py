"""One YAML file per run: the steps' configurations joined, with overrides from the command line."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.detection.config import DetectorConfig
from models.translation.config import RefinerConfig
from tasks.cropping import CropConfig
from tasks.detection_sets import DetectionSetConfig
from tasks.evaluation import EvaluationConfig
from tasks.real_images import RealImagesConfig
from tasks.refiner_measuring import MeasuringConfig
from tasks.refiner_training import each_weights
from tasks.reinsertion import ReinsertionConfig
from tasks.rendering import RenderConfig
from tasks.sample_site import SampleSiteConfig
from tasks.start_weights import placed
from tasks.training import TrainingConfig

Part = Literal["S", "R_train", "S+"]


class ComputeConfig(BaseModel):
    """Where the run works; nothing here changes a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_workers: int | None = Field(
        default=None, ge=1
    )  # steps built at the same time; None: one for every core


class RunConfig(BaseModel):
    """Everything that one run depends on. Exactly one of `site` and `sample_site` is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    store: str = "verisim-store"
    output: str = "runs"
    site: str | None = None
    sample_site: SampleSiteConfig | None = None
    real_images: RealImagesConfig | None = None
    render: RenderConfig = RenderConfig()
    crops: CropConfig = CropConfig()
    refiner: RefinerConfig = RefinerConfig()
    measuring: MeasuringConfig = MeasuringConfig()
    reinsertion: ReinsertionConfig = ReinsertionConfig()
    detection: DetectionSetConfig = DetectionSetConfig()
    detector: DetectorConfig = DetectorConfig()
    arms: tuple[tuple[Part, ...], ...] = (("S",), ("R_train",), ("S+",), ("R_train", "S+"))
    training: TrainingConfig = TrainingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    compute: ComputeConfig = ComputeConfig()

    @model_validator(mode="after")
    def _has_one_site(self) -> "RunConfig":
        if (self.site is None) == (self.sample_site is None):
            raise ValueError("exactly one of site (a file) and sample_site (the stand-in) must be given")
        if self.site is not None and self.real_images is None:
            raise ValueError("real_images is missing; say where the annotated real images of the site are")
        if not self.arms or any(not arm for arm in self.arms) or len(set(self.arms)) < len(self.arms):
            raise ValueError(
                "arms must list different, non-empty training sets, e.g. [[S], [R_train], [R_train, S+]]"
            )
        return self


def load_run_config(path: Path, overrides: list[str]) -> RunConfig:
    """Read a run configuration; `overrides` are like "refiner.epochs=20". Relative places are relative to the file.

    Raises ValueError, one line for every wrong field.
    """
    content = _read(path)
    for override in overrides:
        _apply(content, override)
    return _placed(validate(content, source=str(path)), path.parent.resolve())


@dataclass(frozen=True)
class RenderPlan:
    """What a preview needs of a run: the site, how it is rendered, and the store."""

    site: Path
    render: RenderConfig
    store: Path


def load_render_plan(path: Path, overrides: list[str]) -> RenderPlan:
    """From a run configuration, or from a bare site file with the defaults of everything else.

    Raises ValueError, one line for every wrong field, and for a run on the stand-in site.
    """
    if "cameras" not in _read(path):
        config = load_run_config(path, overrides)
        if config.site is None:
            raise ValueError(
                f"{path} makes its own sample_site, which stands only after a run; name a site file instead"
            )
        return RenderPlan(Path(config.site), config.render, Path(config.store))
    content: dict[str, Any] = {}
    for override in overrides:
        _apply(content, override)
    try:
        render = _RenderOnly.model_validate(content).render
    except ValidationError as error:
        raise ValueError("; ".join(_explain("--set", item) for item in error.errors())) from None
    return RenderPlan(path, render, Path("verisim-store"))


def validate(content: dict[str, Any], *, source: str) -> RunConfig:
    """The run configuration in `content`; ValueError names every wrong field, its value and what is allowed."""
    try:
        return RunConfig.model_validate(content)
    except ValidationError as error:
        raise ValueError("; ".join(_explain(source, item) for item in error.errors())) from None


class _RenderOnly(BaseModel):
    """What `--set` may change of a bare site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    render: RenderConfig = RenderConfig()


def baseline_arm(config: RunConfig) -> str:
    """The arm that the others are compared with: R_train alone where it is trained, else the first."""
    return arm_name(("R_train",) if ("R_train",) in config.arms else config.arms[0])


def arm_name(arm: tuple[str, ...]) -> str:
    return " + ".join(arm)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ValueError(f"there is no configuration {path}; try flows/configs/demo.yaml")
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no mapping; a run configuration has name, site, render, ...")
    return content


def _apply(content: dict[str, Any], override: str) -> None:
    name, separator, text = override.partition("=")
    if not separator or not name:
        raise ValueError(f"--set takes field=value, e.g. refiner.epochs=20, but was {override!r}")
    *parents, last = name.split(".")
    place = content
    for parent in parents:
        place = place.setdefault(parent, {})
        if not isinstance(place, dict):
            raise ValueError(f"--set {override}: {parent} is a value ({place!r}), it has no field {last!r}")
    try:
        place[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(
            f"--set {override}: the value is not valid YAML: {' '.join(str(error).split())}"
        ) from None


def _placed(config: RunConfig, folder: Path) -> RunConfig:
    """The same configuration with absolute places, so that it means the same on any working folder."""
    detector = replace(config.detector, weights=placed(config.detector.weights, folder))
    refiner = each_weights(config.refiner, lambda weights: placed(weights, folder))
    features = config.measuring.features
    features = replace(features, weights=placed(features.weights, folder))
    measuring = config.measuring.model_copy(update={"features": features})
    config = config.model_copy(update={"detector": detector, "refiner": refiner, "measuring": measuring})
    poses = config.render.settings.poses.placed(folder)
    settings = config.render.settings.model_copy(update={"poses": poses})
    config = config.model_copy(update={"render": config.render.model_copy(update={"settings": settings})})
    if config.site is None or config.real_images is None:
        return config
    real = config.real_images.model_copy(
        update={
            "annotations": str(folder / config.real_images.annotations),
            "images": str(folder / config.real_images.images),
        }
    )
    return config.model_copy(update={"site": str(folder / config.site), "real_images": real})


def _explain(source: str, item: Any) -> str:
    field = ".".join(str(part) for part in item["loc"]) or "the run"
    if item["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{source}: {field} is not a known field; check its spelling, or remove it"
    if item["type"] == "missing":
        return f"{source}: {field} is missing; add it"
    message = item["msg"].removeprefix("Value error, ")
    value = item["input"]
    is_short = isinstance(value, str | int | float | bool) or value is None
    return f"{source}: {field}: {message}" + (f", but was {value!r}" if is_short else "")

"""The stages of the journey: which steps are started, in which order, and what goes into them."""

import functools
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.people.config import RunConfig, TrainedRefiner
from flows.pipelines.journey import Start
from tasks.artifacts.canonical import digest
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.run_context import current_run
from tasks.crops.refiner_measuring import MeasuringRun
from tasks.crops.refining import RefiningConfig
from tasks.datasets.leak_check import LeakConfig
from tasks.datasets.real_images import SplitConfig, plan_splits
from tasks.datasets.splits import RealImagesConfig
from tasks.detection.arms import Arm, arm_name, detector_label, pair_arms, parse_part
from tasks.detection.detecting_in_sets import DetectingConfig
from tasks.detection.evaluation import ArmsConfig
from tasks.detection.label_check import LabelCheckRun
from tasks.detection.subsets import SubsetConfig
from tasks.journeys import people as journey
from tasks.journeys import step_task
from tasks.scenes.rendering import RenderConfig, mocap_files, shards
from tasks.sites.backgrounds import BackgroundConfig, list_backgrounds
from tasks.sites.sample_site import shot_groups
from tasks.sites.site_versions import is_stored
from tasks.training.detector_training import TRAINABLE as DETECTOR
from tasks.training.detector_training import DetectorRun
from tasks.training.refiner_training import TRAINABLE as REFINER
from tasks.training.refiner_training import RefinerRun
from tasks.training.start_weights import weights_file, without_place

SAMPLE_SITE, SITE = "sample site", "site"
SAMPLE_REAL_IMAGES = RealImagesConfig(
    annotations="real/annotations.json", images="real/images", split="given"
)


@dataclass(frozen=True)
class Place:
    """The site file, and the folder that the places of the real images are relative to.

    What lies there is read once: all points of a sweep share their place.
    """

    site_path: Path
    folder: Path
    _splits: dict[str, list[tuple[SplitConfig, SourceFiles]]] = field(default_factory=dict, compare=False)

    @functools.cached_property
    def backgrounds(self) -> list[tuple[BackgroundConfig, SourceFiles]]:
        return list_backgrounds(self.site_path)

    def splits(self, real_images: RealImagesConfig) -> list[tuple[SplitConfig, SourceFiles]]:
        name = digest(real_images)
        if name not in self._splits:
            self._splits[name] = plan_splits(real_images, self.folder, self.site_path)
        return self._splits[name]


@dataclass(frozen=True)
class Images:
    """Real and synthetic images; what is synthetic shard by shard."""

    real: dict[str, Any]
    leaks: Any
    real_crops: Any
    scenes: list[Any]
    crops: list[Any]
    refiner: Any
    refined_crops: list[Any]
    refined_scenes: list[Any]
    measures: Any


@dataclass(frozen=True)
class Scores:
    """A detector an arm and seed, arm by arm, their detections, the evaluation of all on `test`, and its labels' check."""

    test: Any
    detectors: list[Any]
    detections: list[Any]
    evaluation: Any
    label_check: Any


def start_site(config: RunConfig, body: Any, start: Start) -> Any:
    """The (future) stand-in site or version of a watched site, None where the user gave a site file."""
    if config.site is not None:
        return start(journey.reuse_site, config.site, label=SITE) if is_stored(config.site) else None
    assert config.sample_site is not None
    shots = [
        start(journey.photograph_office, group, body, label=f"photograph office: {group.camera} {group.time}")
        for group in shot_groups(config.sample_site)
    ]
    return start(journey.assemble_sample_site, config.sample_site, shots, label=SAMPLE_SITE)


def locate(config: RunConfig, site: Ref | None) -> Place:
    """Where the user's site is, or the stand-in's. All points of a sweep get the same, which is read once."""
    if site is None:
        place = Place(Path(config.site or ""), Path())
    else:
        folder = step_task.folder(site)
        place = Place(folder / "site.yaml", Path() if config.site is not None else folder)
    return current_run().shared(place)


def make_images(config: RunConfig, place: Place, body: Any, start: Start) -> Images:
    """From photos to refined scenes."""
    real = import_real_images(config, place, start)
    leaks = start(
        journey.check_leaks, LeakConfig(splits=tuple(real)), list(real.values()), label="check leaks"
    )
    scenes, crops = render_synthetic_images(config, place, body, start)
    real_crops = start(journey.extract_crops, config.crops, real["train"], label="crop R_train")
    refiner = obtain_refiner(config, crops, real_crops, start)
    refined_crops, refined_scenes = refine(config, scenes, crops, refiner, start)
    measures = start(
        journey.measure_refiner,
        measuring(config),
        weights_file(config.measuring.features.weights, field="measuring.features.weights"),
        label="measure refiner",
        crops=crops,
        refined=refined_crops,
        real=real_crops,
        refiner=refiner,
    )
    return Images(real, leaks, real_crops, scenes, crops, refiner, refined_crops, refined_scenes, measures)


def score_arms(config: RunConfig, images: Images, start: Start) -> Scores:
    """From images to evaluated detectors."""
    sets = prepare_sets(config, images, start)
    test = sets.get("test", sets["val"])
    detecting = DetectingConfig(threads=config.training.threads, device=config.detector.device).settled()
    detectors, detections = [], []
    for arm in config.arms:
        for seed in config.training.seeds_of_detectors():
            detector = train_detector(config, arm, seed, sets, start)
            label = f"detect with {arm_name(arm)}{_seed_name(config, seed)}"
            detectors.append(detector)
            detections.append(start(journey.detect_objects, detecting, detector, test, label=label))
    arms = ArmsConfig(
        evaluation=config.evaluation,
        arms=tuple(arm_name(arm) for arm in config.arms),
        seeds=config.training.seeds_of_detectors(),
        pairs=pair_arms(config.arms),
    )
    evaluation = start(journey.evaluate_arms, arms, detections, test, label="evaluate")
    run = LabelCheckRun(check=config.label_check, split="R_test" if "test" in sets else "R_val")
    labels = start(journey.check_labels, run, detections, test, label="check labels")
    return Scores(test, detectors, detections, evaluation, labels)


def import_real_images(config: RunConfig, place: Place, start: Start) -> dict[str, Any]:
    """R_train, R_val and, where there is one, R_test."""
    real_images = config.real_images or SAMPLE_REAL_IMAGES
    return {
        split.split: start(journey.import_real_images, split, files, label=f"import R_{split.split}")
        for split, files in place.splits(real_images)
    }


def render_synthetic_images(
    config: RunConfig, place: Place, body: Any, start: Start
) -> tuple[list[Any], list[Any]]:
    """S and its crops, shard by shard over every background."""
    rendered = render_backgrounds(config.render, place, body, start)
    crops = [
        start(journey.extract_crops, config.crops, scenes, label=f"crop {name}") for name, scenes in rendered
    ]
    return [scenes for _, scenes in rendered], crops


def render_backgrounds(render: RenderConfig, place: Place, body: Any, start: Start) -> list[tuple[str, Any]]:
    """Shards of scenes over every background, with their names: a new background renders only itself."""
    rendered, mocap = [], mocap_files(render)
    for background, photo in place.backgrounds:
        imported = start(journey.import_background, background, photo, label=f"background {background.name}")
        for shard in shards(render):
            name = f"{background.name} {shard.scenes[0]}-{shard.scenes[-1]}"
            scenes = start(journey.render_scenes, shard, imported, body, mocap, label=f"render {name}")
            rendered.append((name, scenes))
    return rendered


def obtain_refiner(config: RunConfig, crops: list[Any], real_crops: Any, start: Start) -> Any:
    """The refiner trained on these crops, or the finished one that the configuration names."""
    if isinstance(config.refiner, TrainedRefiner):
        return start(
            journey.reuse_refiner, config.refiner.source, config.crops.size_px, label="reuse refiner"
        )
    training = config.training
    run = RefinerRun(refiner=config.refiner, seed=training.refiner_seed, threads=training.threads)
    weights, run = REFINER.weights_files(run), REFINER.without_places(run.settled())
    return start(journey.train_refiner, run, crops, real_crops, weights, label="train refiner")


def refine(
    config: RunConfig, scenes: list[Any], crops: list[Any], refiner: Any, start: Start
) -> tuple[list[Any], list[Any]]:
    """cS+ and S+, shard by shard."""
    refining = RefiningConfig(threads=config.training.threads, device=config.refiner.device).settled()
    refined_crops, refined_scenes = [], []
    for number, (shard_scenes, shard_crops) in enumerate(zip(scenes, crops, strict=True), start=1):
        label = f"shard {number} of {len(crops)}"
        new = start(journey.refine_crops, refining, shard_crops, refiner, label=f"refine crops, {label}")
        inputs = (config.reinsertion, shard_scenes, shard_crops, new)
        refined_crops.append(new)
        refined_scenes.append(start(journey.reinsert_crops, *inputs, label=f"reinsert, {label}"))
    return refined_crops, refined_scenes


def style(config: RunConfig, images: Images, start: Start) -> list[Any]:
    """S_style, shard by shard: the people of S in random textures."""
    styled_scenes = []
    for number, (scenes, crops) in enumerate(zip(images.scenes, images.crops, strict=True), start=1):
        label = f"shard {number} of {len(images.crops)}"
        styled = start(journey.style_crops, config.styling, crops, label=f"style crops, {label}")
        inputs = (config.reinsertion, scenes, crops, styled)
        styled_scenes.append(start(journey.reinsert_crops, *inputs, label=f"reinsert styled, {label}"))
    return styled_scenes


def measuring(config: RunConfig) -> MeasuringRun:
    features = config.measuring.features
    features = replace(features, weights=without_place(features.weights))
    return MeasuringRun(
        measuring=config.measuring.model_copy(update={"features": features}),
        threads=config.training.threads,
        device=config.refiner.device,
    )


def prepare_sets(config: RunConfig, images: Images, start: Start) -> dict[str, Any]:
    """Every dataset at the detector's input size: the real splits, and the parts of the arms by their names."""
    wanted = sorted({part for arm in config.arms for part in arm})
    datasets = {name: images.real[name] for name in ("val", "test") if name in images.real}
    for name in dict.fromkeys(parse_part(part).name for part in wanted):
        datasets[name] = _gather_part(name, config, images, start)
    sets = {
        name: start(journey.prepare_detection_set, config.detection, dataset, label=f"prepare {name}")
        for name, dataset in datasets.items()
    }
    return sets | {
        part: start(journey.take_subset, SubsetConfig(count=count), sets[name], label=f"take {part}")
        for part in wanted
        for name, count in [astuple(parse_part(part))]
        if count is not None
    }


def _gather_part(name: str, config: RunConfig, images: Images, start: Start) -> Any:
    """All images of a part as one dataset."""
    if name == "R_train":
        return images.real["train"]
    shards = {
        "S": lambda: images.scenes,
        "S+": lambda: images.refined_scenes,
        "S_style": lambda: style(config, images, start),
    }[name]()
    return start(journey.gather_dataset, shards, label=f"gather {name}")


def train_detector(config: RunConfig, arm: Arm, seed: int, sets: dict[str, Any], start: Start) -> Any:
    run = DetectorRun(detector=config.detector, seed=seed, threads=config.training.threads)
    weights, run = DETECTOR.weights_files(run), DETECTOR.without_places(run.settled())
    train = [sets[part] for part in arm]
    label = detector_label(arm_name(arm), seed if config.training.detector_seeds > 1 else None)
    return start(journey.train_detector, run, train, sets["val"], weights, label=label)


def _seed_name(config: RunConfig, seed: int) -> str:
    return f", seed {seed}" if config.training.detector_seeds > 1 else ""

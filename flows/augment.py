"""The flow `augment`: from photos of a place to an evaluated detector. What happens when; no pixel is touched here."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows.prefect_artifacts import publish_summary
from flows.run_config import RunConfig, arm_name, baseline_arm
from tasks import journey
from tasks.artifacts import Store
from tasks.backgrounds import list_backgrounds
from tasks.child_process import is_stopped
from tasks.detecting import DetectingConfig
from tasks.detector_training import DetectorRun
from tasks.evaluation import ArmsConfig
from tasks.real_images import RealImagesConfig, plan_splits
from tasks.refiner_measuring import MeasuringRun
from tasks.refiner_training import RefinerRun, each_weights, feature_weights
from tasks.refining import RefiningConfig
from tasks.rendering import mocap_files, shards
from tasks.report import ReportConfig, write_page
from tasks.run_context import Pending, Run, find_run, going_on
from tasks.sample_site import shot_groups
from tasks.start_weights import weights_file, without_place

Start = Callable[..., Any]  # start(task, *inputs, label=...) gives a future, or in a plan the artifact's name
SAMPLE_SITE = "sample site"
_WAITING_THREADS = 48  # threads only wait or find; how much is built at once is the run's num_workers
SAMPLE_REAL_IMAGES = RealImagesConfig(
    annotations="real/annotations.json", images="real/images", split="given"
)


@dataclass(frozen=True)
class SyntheticImages:
    """Artifacts of S, shard by shard."""

    scenes: list[Any]
    crops: list[Any]


@flow(
    name="augment",
    flow_run_name="{config.name}",
    task_runner=ThreadPoolTaskRunner(max_workers=_WAITING_THREADS),  # type: ignore[arg-type]
    persist_result=False,
)
def augment(config: RunConfig) -> str:
    """Render, refine, train and evaluate as configured; returns the path of the report's page."""
    with run_of(config) as run:
        report = follow_journey(config, lambda task, *inputs, **named: task.submit(*inputs, **named)).result()
        content_path = run.store.folder(report) / "content.json"
        page = Path(config.output) / config.name / "report" / "index.html"
        write_page(page, content_path, run, config=config.model_dump(mode="json"))
        publish_summary(json.loads(content_path.read_text()), page)
        return str(page)


@contextlib.contextmanager
def run_of(config: RunConfig) -> Iterator[Run]:
    """The run that the command line prepared, or a new one where a Prefect worker calls the flow; ends its record."""
    run = find_run() or Run(Store(Path(config.store)), config.name, num_workers=num_workers(config))
    status = "failed"
    try:
        with going_on(run):
            yield run
        status = "completed"
    finally:
        run.finish("interrupted" if is_stopped() else status, config.model_dump(mode="json"))


def num_workers(config: RunConfig) -> int:
    """Steps built at the same time: as configured, or one for every core that this process may use."""
    return config.compute.num_workers or len(os.sched_getaffinity(0))


def plan(config: RunConfig) -> bool:
    """Walk the journey without building anything; the current run records what would happen.

    False when the walk ends early, at a sample site that has to be built first.
    """
    end = follow_journey(config, lambda task, *inputs, **named: task.fn(*inputs, **named))
    return not (isinstance(end, Pending) and end.label == SAMPLE_SITE)


def follow_journey(config: RunConfig, start: Start) -> Any:
    """Start every step of the run in order; returns the (future) report."""
    body = start(journey.build_body_basis, label="body basis")
    place = bring_site(config, body, start)
    if isinstance(place, Pending):
        return place
    folder, site_path = place
    real = import_real_images(config, folder, site_path, start)
    synthetic = render_synthetic_images(config, site_path, body, start)
    real_crops = start(journey.extract_crops, config.crops, real["train"], label="crop R_train")
    refiner = train_refiner(config, synthetic.crops, real_crops, start)
    refined_crops, refined = refine(config, synthetic, refiner, start)
    measures = start(
        journey.measure_refiner,
        measuring(config),
        weights_file(config.measuring.features.weights, field="measuring.features.weights"),
        label="measure refiner",
        crops=synthetic.crops,
        refined=refined_crops,
        real=real_crops,
        refiner=refiner,
    )
    sets = prepare_sets(config, real, synthetic.scenes, refined, start)
    test = sets.get("test", sets["val"])
    detectors = {arm: train_detector(config, arm, sets, start) for arm in config.arms}
    detections = [
        start(journey.detect_objects, detecting(config), detector, test, label=f"detect with {arm_name(arm)}")
        for arm, detector in detectors.items()
    ]
    arms = ArmsConfig(
        evaluation=config.evaluation,
        arms=tuple(arm_name(arm) for arm in config.arms),
        baseline=baseline_arm(config),
    )
    evaluation = start(journey.evaluate_arms, arms, detections, test, label="evaluate")
    return start(
        journey.write_report,
        report_config(config, has_test="test" in sets),
        label="report",
        scenes=synthetic.scenes,
        crops=synthetic.crops,
        refined_crops=refined_crops,
        refined_scenes=refined,
        real=real["train"],
        real_crops=real_crops,
        refiner=refiner,
        measures=measures,
        detectors=list(detectors.values()),
        detections=detections,
        evaluation=evaluation,
        test=test,
    )


def bring_site(config: RunConfig, body: Any, start: Start) -> tuple[Path, Path] | Pending:
    """(folder of the real images, site file): the user's, or those of the rendered stand-in."""
    if config.site is not None:
        return Path(), Path(config.site)
    assert config.sample_site is not None
    shots = [
        start(journey.photograph_office, group, body, label=f"photograph office: {group.camera} {group.time}")
        for group in shot_groups(config.sample_site)
    ]
    site = start(journey.assemble_sample_site, config.sample_site, shots, label=SAMPLE_SITE)
    if isinstance(site, Pending):
        return site
    ref = site.result() if hasattr(site, "result") else site
    return journey.folder(ref), journey.folder(ref) / "site.yaml"


def import_real_images(config: RunConfig, folder: Path, site_path: Path, start: Start) -> dict[str, Any]:
    """R_train, R_val and, where there is one, R_test."""
    real_images = config.real_images or SAMPLE_REAL_IMAGES
    return {
        split.split: start(journey.import_real_images, split, files, label=f"import R_{split.split}")
        for split, files in plan_splits(real_images, folder, site_path)
    }


def render_synthetic_images(config: RunConfig, site_path: Path, body: Any, start: Start) -> SyntheticImages:
    """S and its crops, shard by shard over every background: a new background renders only itself."""
    images = SyntheticImages([], [])
    mocap = mocap_files(config.render)
    for background, photo in list_backgrounds(site_path):
        imported = start(journey.import_background, background, photo, label=f"background {background.name}")
        for shard in shards(config.render):
            name = f"{background.name} {shard.scenes[0]}-{shard.scenes[-1]}"
            scenes = start(journey.render_scenes, shard, imported, body, mocap, label=f"render {name}")
            images.scenes.append(scenes)
            images.crops.append(start(journey.extract_crops, config.crops, scenes, label=f"crop {name}"))
    return images


def train_refiner(config: RunConfig, crops: list[Any], real_crops: Any, start: Start) -> Any:
    training = config.training
    refiner = each_weights(config.refiner, without_place)
    run = RefinerRun(refiner=refiner, seed=training.refiner_seed, threads=training.threads)
    weights = feature_weights(config.refiner)
    return start(journey.train_refiner, run, crops, real_crops, weights, label="train refiner")


def refine(
    config: RunConfig, synthetic: SyntheticImages, refiner: Any, start: Start
) -> tuple[list[Any], list[Any]]:
    """cS+ and S+, shard by shard."""
    refining = RefiningConfig(threads=config.training.threads, device=config.refiner.device)
    refined_crops, refined = [], []
    for number, (scenes, crops) in enumerate(zip(synthetic.scenes, synthetic.crops, strict=True), start=1):
        label = f"shard {number} of {len(synthetic.crops)}"
        new = start(journey.refine_crops, refining, crops, refiner, label=f"refine crops, {label}")
        refined_crops.append(new)
        refined.append(
            start(journey.reinsert_crops, config.reinsertion, scenes, crops, new, label=f"reinsert, {label}")
        )
    return refined_crops, refined


def measuring(config: RunConfig) -> MeasuringRun:
    features = config.measuring.features
    features = replace(features, weights=without_place(features.weights))
    return MeasuringRun(
        measuring=config.measuring.model_copy(update={"features": features}),
        threads=config.training.threads,
        device=config.refiner.device,
    )


def prepare_sets(
    config: RunConfig, real: dict[str, Any], scenes: list[Any], refined: list[Any], start: Start
) -> dict[str, Any]:
    """Every dataset at the detector's input size: S, S+ and the real splits."""
    parts = {part for arm in config.arms for part in arm}
    datasets = {name: real[name] for name in ("val", "test") if name in real}
    if "R_train" in parts:
        datasets["R_train"] = real["train"]
    if "S" in parts:
        datasets["S"] = start(journey.gather_dataset, scenes, label="gather S")
    if "S+" in parts:
        datasets["S+"] = start(journey.gather_dataset, refined, label="gather S+")
    return {
        name: start(journey.prepare_detection_set, config.detection, dataset, label=f"prepare {name}")
        for name, dataset in datasets.items()
    }


def train_detector(config: RunConfig, arm: tuple[str, ...], sets: dict[str, Any], start: Start) -> Any:
    training = config.training
    detector = replace(config.detector, weights=without_place(config.detector.weights))
    run = DetectorRun(detector=detector, seed=training.detector_seed, threads=training.threads)
    weights = weights_file(config.detector.weights, field="detector.weights")
    train = [sets[part] for part in arm]
    label = f"train detector on {arm_name(arm)}"
    return start(journey.train_detector, run, train, sets["val"], weights, label=label)


def detecting(config: RunConfig) -> DetectingConfig:
    return DetectingConfig(threads=config.training.threads, device=config.detector.device)


def report_config(config: RunConfig, *, has_test: bool) -> ReportConfig:
    return ReportConfig(
        arms=tuple(arm_name(arm) for arm in config.arms),
        target=config.detection.target,
        is_sample_site=config.sample_site is not None,
        has_test=has_test,
        iou=config.evaluation.iou,
    )

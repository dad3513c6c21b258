"""The journey of an image as Prefect tasks, in order: each names its step and is found or built once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed
from prefect.utilities.callables import call_with_parameters

from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.child_process import ChildFailed, is_stopped
from tasks.building.run_context import current_run, only_finding
from tasks.building.steps import Step
from tasks.crops import cropping, refiner_measuring, refining, reinsertion, styling
from tasks.datasets import gathering, leak_check, real_images
from tasks.detection import detecting_in_sets as detecting
from tasks.detection import evaluation, label_check, subsets
from tasks.detection import preparing_sets as detection_sets
from tasks.report import content as report_content
from tasks.scenes import body_basis, rendering
from tasks.sites import backgrounds, sample_site, site_versions
from tasks.sites import random_rooms as rooms
from tasks.sweeping import summary, table
from tasks.training import detector_training, refiner_reuse, refiner_training
from tasks.training import packing_people as pretraining


class JourneyTask(Task[..., Any]):
    """A Prefect task that ends as Built or Cached; a clear error is a failed state without a traceback.

    Prefect's own cache is off: it does not decide what an artifact is.
    """

    def __init__(self, function: Callable[..., Ref], name: str) -> None:
        options = {"cache_policy": NO_CACHE, "persist_result": False}
        super().__init__(_as_state(function), name=name, task_run_name="{label}", **options)

    def find(self, parameters: dict[str, Any]) -> State[Any] | None:
        """How the step ends where its product is in the store; None where it is to be built, or fails."""
        try:
            with only_finding():
                state = call_with_parameters(self.fn, parameters)
        except Exception:  # the step meets it again when it runs, and tells it then
            return None
        return state if state.is_completed() else None


def journey_task(name: str) -> Callable[[Callable[..., Ref]], Any]:
    return lambda function: JourneyTask(function, name)


def _as_state(function: Callable[..., Ref]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        context = current_run()
        if context.is_plan:
            return function(*args, **kwargs)
        try:
            ref = function(*args, **kwargs)
        except (ValueError, ChildFailed) as error:
            if is_stopped():
                return Cancelled(message="stopped with its run")
            return Failed(message=str(error), data=error)
        return Completed(name="Built" if context.was_built(ref) else "Cached", message=ref.key[:12], data=ref)

    return run


@journey_task("build body basis")
def build_body_basis(*, label: str) -> Ref:
    return _obtain(body_basis.write_body_basis, None, label)


@journey_task("photograph sample office")
def photograph_office(config: sample_site.ShotsConfig, body: Ref, *, label: str) -> Ref:
    return _obtain(sample_site.photograph_office, config, label, body_basis=body)


@journey_task("assemble sample site")
def assemble_sample_site(config: sample_site.SampleSiteConfig, shots: list[Ref], *, label: str) -> Ref:
    return _obtain(sample_site.assemble_sample_site, config, label, shots=tuple(shots))


@journey_task("assemble site version")
def assemble_site_version(config: site_versions.SiteVersionConfig, photos: SourceFiles, *, label: str) -> Ref:
    return _obtain(site_versions.assemble_site_version, config, label, photos=photos)


@journey_task("reuse site")
def reuse_site(site: str, *, label: str) -> Ref:
    run = current_run()
    return run.adopt(site_versions.find_site_version(run.store, site), label)


@journey_task("photograph rooms")
def photograph_rooms(config: rooms.RoomsShard, *, label: str) -> Ref:
    return _obtain(rooms.photograph_rooms, config, label)


@journey_task("assemble rooms")
def assemble_rooms(config: rooms.AssemblyConfig, shards: list[Ref], *, label: str) -> Ref:
    return _obtain(rooms.assemble_rooms, config, label, shards=tuple(shards))


@journey_task("import background")
def import_background(config: backgrounds.BackgroundConfig, photo: SourceFiles, *, label: str) -> Ref:
    return _obtain(backgrounds.import_background, config, label, photo=photo)


@journey_task("import real images")
def import_real_images(config: real_images.SplitConfig, files: SourceFiles, *, label: str) -> Ref:
    return _obtain(real_images.import_split, config, label, files=files)


@journey_task("check leaks")
def check_leaks(config: leak_check.LeakConfig, splits: list[Ref], *, label: str) -> Ref:
    return _obtain(leak_check.check_leaks, config, label, splits=tuple(splits))


@journey_task("render scenes")
def render_scenes(
    config: rendering.ShardConfig, background: Ref, body: Ref, mocap: SourceFiles, *, label: str
) -> Ref:
    return _obtain(
        rendering.render_scenes, config, label, background=background, body_basis=body, mocap=mocap
    )


@journey_task("extract crops")
def extract_crops(config: cropping.CropConfig, images: Ref, *, label: str) -> Ref:
    return _obtain(cropping.extract_crops, config, label, images=(images,))


@journey_task("train refiner")
def train_refiner(
    config: refiner_training.RefinerRun, synthetic: list[Ref], real: Ref, weights: SourceFiles, *, label: str
) -> Ref:
    return _obtain(
        refiner_training.train_refiner, config, label, synthetic=tuple(synthetic), real=real, weights=weights
    )


@journey_task("reuse refiner")
def reuse_refiner(source: str, size_px: int, *, label: str) -> Ref:
    run = current_run()
    return run.adopt(refiner_reuse.find_refiner(run.store, source, size_px=size_px), label)


@journey_task("refine crops")
def refine_crops(config: refining.RefiningConfig, crops: Ref, refiner: Ref, *, label: str) -> Ref:
    return _obtain(refining.refine_crops, config, label, crops=crops, refiner=refiner)


@journey_task("measure refiner")
def measure_refiner(
    config: refiner_measuring.MeasuringRun, weights: SourceFiles, *, label: str, **parts: Ref | list[Ref]
) -> Ref:
    inputs = {name: tuple(part) if isinstance(part, list) else part for name, part in parts.items()}
    return _obtain(refiner_measuring.measure_refiner, config, label, weights=weights, **inputs)


@journey_task("style crops")
def style_crops(config: styling.StylingConfig, crops: Ref, *, label: str) -> Ref:
    return _obtain(styling.style_crops, config, label, crops=crops)


@journey_task("reinsert crops")
def reinsert_crops(
    config: reinsertion.ReinsertionConfig, scenes: Ref, crops: Ref, refined: Ref, *, label: str
) -> Ref:
    return _obtain(reinsertion.reinsert_crops, config, label, scenes=scenes, crops=crops, refined=refined)


@journey_task("gather dataset")
def gather_dataset(parts: list[Ref], *, label: str) -> Ref:
    return _obtain(gathering.gather_dataset, None, label, parts=tuple(parts))


@journey_task("prepare detection set")
def prepare_detection_set(config: detection_sets.DetectionSetConfig, images: Ref, *, label: str) -> Ref:
    return _obtain(detection_sets.prepare_detection_set, config, label, images=(images,))


@journey_task("take subset")
def take_subset(config: subsets.SubsetConfig, images: Ref, *, label: str) -> Ref:
    return _obtain(subsets.take_subset, config, label, images=images)


@journey_task("train detector")
def train_detector(
    config: detector_training.DetectorRun, train: list[Ref], val: Ref, weights: SourceFiles, *, label: str
) -> Ref:
    return _obtain(
        detector_training.train_detector, config, label, train=tuple(train), val=val, weights=weights
    )


@journey_task("pack start weights")
def pack_people(config: pretraining.CardConfig, *, label: str, **parts: Ref) -> Ref:
    return _obtain(pretraining.pack_people, config, label, **parts)


@journey_task("detect objects")
def detect_objects(config: detecting.DetectingConfig, detector: Ref, images: Ref, *, label: str) -> Ref:
    return _obtain(detecting.detect_objects, config, label, detector=detector, images=images)


@journey_task("evaluate")
def evaluate_arms(config: evaluation.ArmsConfig, detections: list[Ref], images: Ref, *, label: str) -> Ref:
    return _obtain(evaluation.evaluate_arms, config, label, detections=tuple(detections), images=images)


@journey_task("check labels")
def check_labels(config: label_check.LabelCheckRun, detections: list[Ref], images: Ref, *, label: str) -> Ref:
    return _obtain(label_check.check_labels, config, label, detections=tuple(detections), images=images)


@journey_task("write report")
def write_report(config: report_content.ReportConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    inputs = {name: tuple(part) if isinstance(part, list) else part for name, part in parts.items()}
    return _obtain(report_content.write_report, config, label, **inputs)


@journey_task("summarise point of a sweep")
def summarise_point(config: summary.SummaryConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    inputs = {name: tuple(part) if isinstance(part, list) else part for name, part in parts.items()}
    return _obtain(summary.summarise_point, config, label, **inputs)


@journey_task("tabulate sweep")
def tabulate_sweep(config: table.SweepTableConfig, points: list[Ref], *, label: str) -> Ref:
    return _obtain(table.tabulate_sweep, config, label, points=tuple(points))


def folder(ref: Ref) -> Path:
    """Where the files of an artifact of the current run lie."""
    return current_run().store.folder(ref)


def _obtain(step: Step, config: Any, label: str, **inputs: Any) -> Any:
    return current_run().obtain(step, config, label, inputs)

"""The journey of an image from photos to scored detectors, in order: the table of contents of the pipeline `people`."""

from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.run_context import current_run
from tasks.crops import cropping, refiner_measuring, refining, reinsertion, styling
from tasks.datasets import gathering, leak_check, real_images
from tasks.detection import detecting_in_sets as detecting
from tasks.detection import evaluation, label_check, subsets
from tasks.detection import preparing_sets as detection_sets
from tasks.journeys.step_task import journey_task, obtain
from tasks.report import content as report_content
from tasks.scenes import body_basis, rendering
from tasks.sites import backgrounds, sample_site, site_versions
from tasks.sweeping import summary
from tasks.training import detector_training, refiner_reuse, refiner_training


@journey_task("build body basis")
def build_body_basis(*, label: str) -> Ref:
    return obtain(body_basis.write_body_basis, None, label)


@journey_task("photograph sample office")
def photograph_office(config: sample_site.ShotsConfig, body: Ref, *, label: str) -> Ref:
    return obtain(sample_site.photograph_office, config, label, body_basis=body)


@journey_task("assemble sample site")
def assemble_sample_site(config: sample_site.SampleSiteConfig, shots: list[Ref], *, label: str) -> Ref:
    return obtain(sample_site.assemble_sample_site, config, label, shots=shots)


@journey_task("assemble site version")
def assemble_site_version(config: site_versions.SiteVersionConfig, photos: SourceFiles, *, label: str) -> Ref:
    return obtain(site_versions.assemble_site_version, config, label, photos=photos)


@journey_task("reuse site")
def reuse_site(site: str, *, label: str) -> Ref:
    run = current_run()
    return run.adopt(site_versions.find_site_version(run.store, site), label)


@journey_task("import background")
def import_background(config: backgrounds.BackgroundConfig, photo: SourceFiles, *, label: str) -> Ref:
    return obtain(backgrounds.import_background, config, label, photo=photo)


@journey_task("import real images")
def import_real_images(config: real_images.SplitConfig, files: SourceFiles, *, label: str) -> Ref:
    return obtain(real_images.import_split, config, label, files=files)


@journey_task("check leaks")
def check_leaks(config: leak_check.LeakConfig, splits: list[Ref], *, label: str) -> Ref:
    return obtain(leak_check.check_leaks, config, label, splits=splits)


@journey_task("render scenes")
def render_scenes(
    config: rendering.ShardConfig, background: Ref, body: Ref, mocap: SourceFiles, *, label: str
) -> Ref:
    return obtain(rendering.render_scenes, config, label, background=background, body_basis=body, mocap=mocap)


@journey_task("extract crops")
def extract_crops(config: cropping.CropConfig, images: Ref, *, label: str) -> Ref:
    return obtain(cropping.extract_crops, config, label, images=(images,))


@journey_task("train refiner")
def train_refiner(
    config: refiner_training.RefinerRun, synthetic: list[Ref], real: Ref, weights: SourceFiles, *, label: str
) -> Ref:
    return obtain(
        refiner_training.train_refiner, config, label, synthetic=synthetic, real=real, weights=weights
    )


@journey_task("reuse refiner")
def reuse_refiner(source: str, size_px: int, *, label: str) -> Ref:
    run = current_run()
    return run.adopt(refiner_reuse.find_refiner(run.store, source, size_px=size_px), label)


@journey_task("refine crops")
def refine_crops(config: refining.RefiningConfig, crops: Ref, refiner: Ref, *, label: str) -> Ref:
    return obtain(refining.refine_crops, config, label, crops=crops, refiner=refiner)


@journey_task("measure refiner")
def measure_refiner(
    config: refiner_measuring.MeasuringRun, weights: SourceFiles, *, label: str, **parts: Ref | list[Ref]
) -> Ref:
    return obtain(refiner_measuring.measure_refiner, config, label, weights=weights, **parts)


@journey_task("style crops")
def style_crops(config: styling.StylingConfig, crops: Ref, *, label: str) -> Ref:
    return obtain(styling.style_crops, config, label, crops=crops)


@journey_task("reinsert crops")
def reinsert_crops(
    config: reinsertion.ReinsertionConfig, scenes: Ref, crops: Ref, refined: Ref, *, label: str
) -> Ref:
    return obtain(reinsertion.reinsert_crops, config, label, scenes=scenes, crops=crops, refined=refined)


@journey_task("gather dataset")
def gather_dataset(parts: list[Ref], *, label: str) -> Ref:
    return obtain(gathering.gather_dataset, None, label, parts=parts)


@journey_task("prepare detection set")
def prepare_detection_set(config: detection_sets.DetectionSetConfig, images: Ref, *, label: str) -> Ref:
    return obtain(detection_sets.prepare_detection_set, config, label, images=(images,))


@journey_task("take subset")
def take_subset(config: subsets.SubsetConfig, images: Ref, *, label: str) -> Ref:
    return obtain(subsets.take_subset, config, label, images=images)


@journey_task("train detector")
def train_detector(
    config: detector_training.DetectorRun, train: list[Ref], val: Ref, weights: SourceFiles, *, label: str
) -> Ref:
    return obtain(detector_training.train_detector, config, label, train=train, val=val, weights=weights)


@journey_task("detect objects")
def detect_objects(config: detecting.DetectingConfig, detector: Ref, images: Ref, *, label: str) -> Ref:
    return obtain(detecting.detect_objects, config, label, detector=detector, images=images)


@journey_task("evaluate")
def evaluate_arms(config: evaluation.ArmsConfig, detections: list[Ref], images: Ref, *, label: str) -> Ref:
    return obtain(evaluation.evaluate_arms, config, label, detections=detections, images=images)


@journey_task("check labels")
def check_labels(config: label_check.LabelCheckRun, detections: list[Ref], images: Ref, *, label: str) -> Ref:
    return obtain(label_check.check_labels, config, label, detections=detections, images=images)


@journey_task("write report")
def write_report(config: report_content.ReportConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(report_content.write_report, config, label, **parts)


@journey_task("summarise point of a sweep")
def summarise_point(config: summary.SummaryConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(summary.summarise_point, config, label, **parts)

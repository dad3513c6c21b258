"""The journey from images with label maps to scored segmenters: the table of contents of the pipeline `segment`."""

from collections.abc import Sequence

from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.journeys.step_task import journey_task, obtain
from tasks.label_maps import importing, leak_check, street_import
from tasks.segmentation import evaluation, report, segmenting, selecting, summary
from tasks.sites import sample_street
from tasks.training import segmenter_training


@journey_task("photograph streets")
def photograph_streets(config: sample_street.StreetShard, body: Ref, *, label: str) -> Ref:
    return obtain(sample_street.photograph_streets, config, label, body_basis=body)


@journey_task("import streets")
def import_streets(config: street_import.StreetImportConfig, shots: list[Ref], *, label: str) -> Ref:
    return obtain(street_import.import_streets, config, label, shots=shots)


@journey_task("import label maps")
def import_label_maps(config: importing.LabelMapSplitConfig, files: SourceFiles, *, label: str) -> Ref:
    return obtain(importing.import_label_maps, config, label, files=files)


@journey_task("check leaks of label maps")
def check_leaks(splits: list[Ref], *, label: str) -> Ref:
    return obtain(leak_check.check_label_map_leaks, None, label, splits=splits)


@journey_task("select label maps")
def select_label_maps(config: selecting.SelectionConfig, images: Ref, *, label: str) -> Ref:
    return obtain(selecting.select_label_maps, config, label, images=images)


@journey_task("train segmenter")
def train_segmenter(
    config: segmenter_training.SegmenterRun,
    train: Ref,
    val: Ref,
    weights: SourceFiles,
    *,
    label: str,
    guessed: Sequence[Ref] = (),
    start: Sequence[Ref] = (),
) -> Ref:
    inputs = {"train": train, "val": val, "guessed": list(guessed), "start": list(start), "weights": weights}
    return obtain(segmenter_training.train_segmenter, config, label, **inputs)


@journey_task("segment images")
def segment_images(config: segmenting.SegmentingConfig, segmenter: Ref, images: Ref, *, label: str) -> Ref:
    return obtain(segmenting.segment_images, config, label, segmenter=segmenter, images=images)


@journey_task("evaluate segmenters")
def evaluate_segmenters(
    config: evaluation.SegmentArmsConfig, segmentations: list[Ref], images: Ref, *, label: str
) -> Ref:
    return obtain(evaluation.evaluate_segmenters, config, label, segmentations=segmentations, images=images)


@journey_task("summarise segmenters")
def summarise_segmenters(
    config: summary.SegmentSummaryConfig, *, label: str, segmenters: list[Ref], evaluation: Ref, leaks: Ref
) -> Ref:
    inputs = {"segmenters": segmenters, "evaluation": evaluation, "leaks": leaks}
    return obtain(summary.summarise_segmenters, config, label, **inputs)


@journey_task("write segment report")
def write_segment_report(config: report.SegmentReportConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(report.write_segment_report, config, label, **parts)

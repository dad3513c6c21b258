"""The journey to segmenters with a cycle: the table of contents of the pipeline `cycle_segmentation`, beside `segment`."""

from tasks.artifacts.recipe import Ref
from tasks.cycle_segmentation import evaluation, noise_ratio, report, running, segmenter, summary
from tasks.cycle_segmentation.table_rows import TrainedArms
from tasks.journeys.step_task import journey_task, obtain
from tasks.training import cycle_segmenter_training as training


@journey_task("train cycle segmenter")
def train_cycle_segmenter(
    config: training.CycleSegmenterRun,
    train: Ref,
    val: Ref,
    images_only: list[Ref],
    labels_only: list[Ref],
    *,
    label: str,
) -> Ref:
    return obtain(
        training.train_cycle_segmenter,
        config,
        label,
        train=train,
        val=val,
        images_only=images_only,
        labels_only=labels_only,
    )


@journey_task("take segmenter")
def take_segmenter(cycle: Ref, *, label: str) -> Ref:
    return obtain(segmenter.take_segmenter, None, label, cycle=cycle)


@journey_task("measure noise ratio")
def measure_noise_ratio(segmenters: list[Ref], *, label: str) -> Ref:
    return obtain(noise_ratio.measure_noise_ratio, None, label, segmenters=segmenters)


@journey_task("segment and give back")
def run_cycle(config: running.CycleOutputsConfig, cycle: Ref, images: Ref, *, label: str) -> Ref:
    return obtain(running.run_cycle, config, label, cycle=cycle, images=images)


@journey_task("evaluate cycles")
def evaluate_cycles(
    config: evaluation.CycleArmsConfig, outputs: list[Ref], images: Ref, *, label: str
) -> Ref:
    return obtain(evaluation.evaluate_cycles, config, label, outputs=outputs, images=images)


@journey_task("write cycle report")
def write_cycle_report(config: report.CycleReportConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(report.write_cycle_report, config, label, **parts)


@journey_task("summarise cycles")
def summarise_cycles(config: TrainedArms, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(summary.summarise_cycles, config, label, **parts)

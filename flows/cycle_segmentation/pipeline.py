"""The record of the pipeline `cycle_segmentation`."""

from flows.cycle_segmentation.checks import check_cycle_segmentation
from flows.cycle_segmentation.config import CycleSegmentationRun
from flows.pipelines.pipeline import Pipeline
from tasks.training import cycle_segmenter_training

PIPELINE = Pipeline(
    name="cycle_segmentation",
    config=CycleSegmentationRun,
    check=check_cycle_segmentation,
    flow="flows.cycle_segmentation.flow:cycle_segmentation",
    journey="flows.cycle_segmentation.journey:JOURNEY",
    deployment="cycle_segmentation/label-maps-to-report",
    about=(
        "Images with a class for every pixel: train a segmenter that also has to give its image back, with several kinds "
        "of noise in between, and say whether that makes it better than plain training."
    ),
    example="flows/configs/cycle_segmentation/street.yaml",
    trainables=(cycle_segmenter_training.TRAINABLE,),
)

"""The record of the pipeline `segment`."""

from flows.pipelines.pipeline import Pipeline
from flows.segment.checks import check_segmenting
from flows.segment.config import SegmentConfig
from tasks.training import segmenter_training

PIPELINE = Pipeline(
    name="segment",
    config=SegmentConfig,
    check=check_segmenting,
    flow="flows.segment.flow:segment",
    journey="flows.segment.journey:JOURNEY",
    deployment="segment/label-maps-to-report",
    about="Images with a class for every pixel: train segmentation networks on training sets to compare, and score them.",
    example="flows/configs/segment/street.yaml",
    trainables=(segmenter_training.TRAINABLE,),
)

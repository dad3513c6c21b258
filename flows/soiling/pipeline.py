"""The record of the pipeline `soiling`."""

from flows.pipelines.pipeline import Pipeline
from flows.soiling.checks import check_soiling
from flows.soiling.config import SoilingRun
from tasks.training import (
    dirty_gan_training,
    mask_vae_training,
    segmenter_training,
    super_resolution_training,
    translator_training,
)

PIPELINE = Pipeline(
    name="soiling",
    config=SoilingRun,
    check=check_soiling,
    flow="flows.soiling.flow:soiling",
    journey="flows.soiling.journey:JOURNEY",
    deployment="soiling/images-to-report",
    about=(
        "Clean images and a few annotated soiled ones: learn to make unseen soiling with masks, and say whether it makes a "
        "better detector of soiled lenses, and what soiling does to a segmenter of scenes."
    ),
    example="flows/configs/soiling/street.yaml",
    trainables=(
        segmenter_training.TRAINABLE,
        translator_training.TRAINABLE,
        mask_vae_training.TRAINABLE,
        super_resolution_training.TRAINABLE,
        dirty_gan_training.TRAINABLE,
    ),
)

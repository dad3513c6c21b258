"""The record of the pipeline `night`."""

from flows.night.checks import check_night
from flows.night.config import NightRun
from flows.pipelines.pipeline import Pipeline
from tasks.training import segmenter_training, translator_training

PIPELINE = Pipeline(
    name="night",
    config=NightRun,
    check=check_night,
    flow="flows.night.flow:night",
    journey="flows.night.journey:JOURNEY",
    deployment="night/day-to-night-report",
    about=(
        "Labelled images by day, unlabelled ones by day and night: translate days to nights, train segmenters on both and "
        "on nights that they label themselves, and say what each of these brought by night."
    ),
    example="flows/configs/night/street.yaml",
    watched=lambda config: () if config.arriving is None else (config.arriving.folder,),
    trainables=(translator_training.TRAINABLE, segmenter_training.TRAINABLE),
)

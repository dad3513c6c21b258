"""The record of the pipeline `people`."""

from flows.people.config import PeopleConfig, require_arms
from flows.people.input_checks import check_inputs
from flows.pipelines.pipeline import Pipeline
from tasks.training import detector_training, refiner_training

PIPELINE = Pipeline(
    name="people",
    config=PeopleConfig,
    check=check_inputs,
    require_run=require_arms,
    flow="flows.people.flow:augment",
    journey="flows.people.journey:JOURNEY",
    deployment="augment/photos-to-report",
    about="From photos of a place to an evaluated detector: render, refine, reinsert, train, score, report.",
    example="flows/configs/people/demo.yaml",
    trainables=(refiner_training.TRAINABLE, detector_training.TRAINABLE),
)

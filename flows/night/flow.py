"""The flow `night`: from labelled day images and unlabelled nights to scored segmenters for the night."""

from flows.night.config import NightRun
from flows.night.pipeline import PIPELINE
from flows.runs.pipeline_run import pipeline_flow, run_pipeline


@pipeline_flow("night")
def night(config: NightRun) -> str:
    """Translate, train every arm and score it by night; returns the path of the report's page."""
    return run_pipeline(PIPELINE, config)

"""The flow `augment`: from photos of a place to an evaluated detector."""

from flows.people.config import PeopleConfig
from flows.people.pipeline import PIPELINE
from flows.runs.pipeline_run import pipeline_flow, run_pipeline


@pipeline_flow("augment")
def augment(config: PeopleConfig) -> str:
    """Render, refine, train and evaluate as configured; returns the path of the report's page."""
    return run_pipeline(PIPELINE, config)

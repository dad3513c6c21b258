"""The flow `soiling`: from clean and soiled images to scored detectors of soiling."""

from flows.runs.pipeline_run import pipeline_flow, run_pipeline
from flows.soiling.config import SoilingRun
from flows.soiling.pipeline import PIPELINE


@pipeline_flow("soiling")
def soiling(config: SoilingRun) -> str:
    """Soil images, train detectors of soiling on them and score them; returns the path of the report's page."""
    return run_pipeline(PIPELINE, config)

"""The flow `cycle_segmentation`: from images with label maps to segmenters with and without a cycle, scored."""

from flows.cycle_segmentation.config import CycleSegmentationRun
from flows.cycle_segmentation.pipeline import PIPELINE
from flows.runs.pipeline_run import pipeline_flow, run_pipeline


@pipeline_flow("cycle_segmentation")
def cycle_segmentation(config: CycleSegmentationRun) -> str:
    """Train every arm and score it; returns the path of the report's page."""
    return run_pipeline(PIPELINE, config)

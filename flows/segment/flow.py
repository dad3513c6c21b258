"""The flow `segment`: from images with label maps to scored segmentation networks."""

from flows.runs.pipeline_run import pipeline_flow, run_pipeline
from flows.segment.config import SegmentConfig
from flows.segment.pipeline import PIPELINE


@pipeline_flow("segment")
def segment(config: SegmentConfig) -> str:
    """Train each arm's segmenters and score them; returns the path of the report's page."""
    return run_pipeline(PIPELINE, config)

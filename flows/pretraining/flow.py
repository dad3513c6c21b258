"""The flow `pretrain`: a detector of rendered people in random rooms, kept as start weights for any place."""

from flows.pretraining.config import PretrainConfig
from flows.pretraining.pipeline import PIPELINE
from flows.runs.pipeline_run import pipeline_flow, run_pipeline


@pipeline_flow("pretrain")
def pretrain(config: PretrainConfig) -> str:
    """Render rooms and people, train, and copy weights and card to `output`; returns the path of the weights."""
    return run_pipeline(PIPELINE, config)

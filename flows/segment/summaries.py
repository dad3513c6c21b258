"""What sweeps need to know of a point whose segmenters were scored."""

from typing import Any

from flows.pipelines.journey import Start
from tasks.journeys import segment as steps
from tasks.segmentation.summary import SegmentSummaryConfig


def summarise_scores(num_seeds: int, segmenters: list[Any], evaluation: Any, leaks: Any, start: Start) -> Any:
    """Of any pipeline whose arms are segmenters, each trained with so many seeds."""
    return start(
        steps.summarise_segmenters,
        SegmentSummaryConfig(num_seeds=num_seeds),
        label="summarise",
        segmenters=segmenters,
        evaluation=evaluation,
        leaks=leaks,
    )

"""Step: what a sweep needs to know of one of its points, where segmenters were scored."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.segmentation.notes import leak_notes, say_sequences
from tasks.sweeping.scored_summary import read_scored


class SegmentSummaryConfig(BaseModel):
    """How many segmenters each arm has; they come arm by arm, seed by seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_seeds: int


@step("sweep-point")
def summarise_segmenters(
    out: Path, config: SegmentSummaryConfig, segmenters: list[Path], evaluation: Path, leaks: Path
) -> None:
    """`point.json`: scores, what was counted, courses on R_val, and what limits the figures."""
    content = read_scored(evaluation, segmenters, num_seeds=config.num_seeds)
    found = json.loads((leaks / "leaks.json").read_text(encoding="utf-8"))
    said = say_sequences(content["evaluation"]["num_clips"])
    content |= {"figures": {}, "notes": [*([said] if said else []), *leak_notes(found)]}
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")

"""What a sweep needs of a point whose trainings were scored, whatever the measure: its evaluation, and courses on R_val."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasks.scoring.records import main_measure, validation_key


def read_scored(evaluation: Path, trainings: Sequence[Path], *, num_seeds: int) -> dict[str, Any]:
    """The part of `point.json` that tables, sections and comparisons of points read.

    `evaluation` has `evaluation.json` (of `score_arms`, whose rows also have the main measure on R_val) and
    `statistics.json` (a `Counted`). Trainings come arm by arm, seed by seed; their `history.json` has the main measure on
    R_val under its `validation_key`.
    """
    found = _read(evaluation / "evaluation.json")
    histories = [_read(folder / "history.json") for folder in trainings]
    return {
        "steps": histories[0][-1]["step"],
        "evaluation": found,
        "statistics": _read(evaluation / "statistics.json"),
        "validation": courses(found, histories, num_seeds=num_seeds),
    }


def courses(
    evaluation: dict[str, Any], histories: Sequence[list[dict[str, Any]]], *, num_seeds: int
) -> dict[str, list[list[list[float]]]]:
    """(step, main measure on R_val) of every seed of every arm; `histories` come arm by arm, seed by seed."""
    key = validation_key(main_measure(evaluation))
    curves = [[[entry["step"], entry[key]] for entry in history if key in entry] for history in histories]
    arms = [score["arm"] for score in evaluation["scores"]]
    return {arm: curves[num_seeds * index : num_seeds * (index + 1)] for index, arm in enumerate(arms)}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

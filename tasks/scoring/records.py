"""What every evaluation says in JSON beside figures of its own: by which measures it scores, and what it counted."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.judging.measures import F1, Measure, find_measure, read_measure


def main_measure(evaluation: dict[str, Any]) -> Measure:
    """The one that is judged, of `evaluation.json` or of a sweep's `table.json`; F1 where an older one names none."""
    return read_measure(evaluation.get("measure"))


def shown_measures(evaluation: dict[str, Any]) -> list[Measure]:
    """Those whose values, by name, every row of scores has; the order is that of columns."""
    if "measures" not in evaluation:
        return [find_measure("precision"), find_measure("recall"), F1]
    return [read_measure(record) for record in evaluation["measures"]]


def name_measures(main: Measure, shown: list[Measure]) -> dict[str, Any]:
    """What the two functions above read."""
    return {"measure": main.record(), "measures": [measure.record() for measure in shown]}


def validation_key(measure: Measure) -> str:
    """Under which a row of scores holds what the measure was on R_val, which chose the checkpoint."""
    return f"val_{measure.name}"


def digest_truth(truth: Any) -> str:
    """Of what is annotated in an image, as JSON can hold it: images with the same name, clip and truth are the same."""
    return hashlib.sha256(json.dumps(truth).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Counted:
    """What was counted in every image: the content of `statistics.json`.

    `images`, `clips` and `truths` have an entry an image, `arms` statistics [k seeds, n images, s] by name. `conditions`:
    without which scores cannot be compared, such as the IoU of a hit.
    """

    images: tuple[str, ...]
    clips: tuple[str, ...]
    truths: tuple[str, ...]
    seeds: tuple[int, ...]
    arms: dict[str, np.ndarray]
    conditions: dict[str, float | str]

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "conditions": self.conditions,
            "images": self.images,
            "clips": self.clips,
            "truths": self.truths,
            "seeds": self.seeds,
            "arms": {arm: _plain(statistics).tolist() for arm, statistics in self.arms.items()},
        }


def read_counted(record: dict[str, Any]) -> Counted:
    """From a `record` that went through JSON."""
    return Counted(
        images=tuple(record["images"]),
        clips=tuple(record["clips"]),
        truths=tuple(record["truths"]),
        seeds=tuple(record["seeds"]),
        arms={arm: np.array(values, np.float64) for arm, values in record["arms"].items()},
        conditions=record["conditions"],
    )


def _plain(statistics: np.ndarray) -> np.ndarray:
    """Whole numbers without a point, which halves the file."""
    whole = np.rint(statistics)
    return whole.astype(np.int64) if np.array_equal(whole, statistics) else statistics

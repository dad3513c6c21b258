"""Scores over parts of R_test: the images of one condition, such as night, or the pixels at one distance."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.judging.comparisons import Evidence, judge, score_interval
from models.judging.measures import Measure
from models.judging.sufficient_statistics import class_statistics
from models.segmentation.evaluation import confusion_by_distance
from tasks.formats.label_maps import LabelMapSet
from tasks.scoring.records import Counted

_CENTIMETRES = 100
_NEAREST_CM = 1  # a depth of 0 is none
Pairs = Sequence[tuple[str, str]]  # (arm, baseline)


@dataclass(frozen=True, eq=False)
class Part:
    """What was counted in a part: statistics [k seeds, n images, s] of every arm; `size` says how large it is, for JSON."""

    name: str
    size: dict[str, int]
    clips: tuple[str, ...]
    arms: dict[str, np.ndarray]

    def is_scored(self, measure: Measure) -> bool:
        """Whether every arm and seed has a score here: nothing annotated, none."""
        return all(np.isfinite(measure.by_seed(found)).all() for found in self.arms.values())


def condition_parts(counted: Counted, conditions: Sequence[str]) -> list[Part]:
    """One a condition (an entry an image, "" where none is known); none where there is one only."""
    names = [name for name in dict.fromkeys(conditions) if name]
    parts = []
    for name in names if len(names) > 1 else []:
        chosen = np.flatnonzero([condition == name for condition in conditions])
        clips = tuple(counted.clips[index] for index in chosen)
        arms = {arm: found[:, chosen] for arm, found in counted.arms.items()}
        parts.append(Part(name, {"num_images": len(chosen)}, clips, arms))
    return parts


def distance_parts(
    predicted: Mapping[str, Sequence[np.ndarray]],
    data: LabelMapSet,
    clips: tuple[str, ...],
    edges_m: Sequence[float],
) -> list[Part]:
    """One a band of distance along the camera's axis, which meet at `edges_m`; `predicted`: label maps [n, h, w] of each
    seed of every arm. None where no depth is known.
    """
    if data.depth_cm is None or not edges_m:
        return []
    counted = {arm: _count_by_distance(maps, data, edges_m) for arm, maps in predicted.items()}
    return [
        Part(name, {"num_pixels": _pixels(counted, band)}, clips, _of_band(counted, band))
        for band, name in enumerate(_band_names(edges_m))
    ]


def score_part(part: Part, measure: Measure) -> dict[str, Any]:
    """A row for JSON: by arm the mean over seeds, and its 95 % interval; None where nothing is annotated."""
    is_scored = part.is_scored(measure)
    values, bounds = {}, {}
    for arm, found in part.arms.items():
        values[arm] = float(measure.by_seed(found).mean()) if is_scored else None
        bounds[arm] = score_interval(measure, [found], part.clips) if is_scored else None
    return {"name": part.name, **part.size, measure.name: values, "interval": bounds}


def compare_parts(parts: Sequence[Part], pairs: Pairs, measure: Measure) -> list[list[dict[str, Any]]]:
    """Judgements of each part's pairs, for JSON. All are judged together: what is said allows for how many there are."""
    scored = [part for part in parts if part.is_scored(measure)]
    evidence = [
        Evidence(arm, baseline, [part.arms[arm]], [part.arms[baseline]], part.clips, measure)
        for part in scored
        for arm, baseline in pairs
    ]
    judged = iter(judge(evidence))
    return [[next(judged).record() for _ in pairs] if part in scored else [] for part in parts]


def _count_by_distance(maps: Sequence[np.ndarray], data: LabelMapSet, edges_m: Sequence[float]) -> np.ndarray:
    """[k, n, d, s]"""
    assert data.labels is not None and data.table is not None and data.depth_cm is not None
    edges_cm = (_NEAREST_CM, *(edge * _CENTIMETRES for edge in edges_m), np.inf)
    return np.stack(
        [
            class_statistics(
                confusion_by_distance(
                    data.labels, each, data.depth_cm, edges=edges_cm, num_classes=data.table.num_classes
                )
            )
            for each in maps
        ]
    )


def _of_band(counted: Mapping[str, np.ndarray], band: int) -> dict[str, np.ndarray]:
    return {arm: found[:, :, band] for arm, found in counted.items()}


def _pixels(counted: Mapping[str, np.ndarray], band: int) -> int:
    """Annotated ones of the band, which are the same for every arm and seed."""
    _, annotated, _ = np.split(next(iter(counted.values()))[0, :, band], 3, axis=-1)
    return int(annotated.sum())


def _band_names(edges_m: Sequence[float]) -> Iterator[str]:
    for near, far in itertools.pairwise((0, *edges_m)):
        yield f"{near:g} to {far:g} m"
    yield f"over {edges_m[-1]:g} m"

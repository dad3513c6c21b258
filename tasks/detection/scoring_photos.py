"""Scores one detector on annotated photos, and beside another one, without a run: nothing is trained or kept.

Shapes: n photos, d draws. Intervals hold the choice of photos, whole scenes at a time where there are three or more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.detection.data import Detections
from models.detection.scoring.anatomy import Anatomy
from models.detection.scoring.drawn_precision import (
    RankedDetections,
    drawn_average_precisions,
    rank_detections,
)
from models.judging.comparisons import Evidence, Judgement, equal_draws, judge, score_interval
from models.judging.measures import F1, find_measure
from models.judging.resampling import Draws, estimate
from tasks.detection.annotated_photos import AnnotatedPhotos
from tasks.detection.breakdown import Frames, break_down, dissect_images
from tasks.detection.evaluation import EvaluationConfig, draw_curves, ground_truth
from tasks.detection.opened_detectors import OpenDetector
from tasks.detection.preparing_sets import DetectionSetConfig, fit_image
from tasks.formats.detection_sets import SetImage
from tasks.formats.detections import count_matches

_RATES = (find_measure("precision"), find_measure("recall"), F1)
Bounds = tuple[float, float] | None


@dataclass(frozen=True)
class Figure:
    """A score, or a difference of scores, with its 95 % interval; None for a single photo."""

    value: float
    interval: Bounds


@dataclass(frozen=True, eq=False)
class FoundInPhotos:
    """What a detector finds in every photo, best first and in the photo's pixels, and what it was to find."""

    input_hw: tuple[int, int]
    records: list[SetImage]
    images: list[Detections]

    @property
    def scenes(self) -> tuple[str, ...]:
        return tuple(record.clip for record in self.records)


@dataclass(frozen=True, eq=False)
class Scorecard:
    """One detector's scores at a threshold.

    `figures`: average precisions and rates by their titles. `by_scene`: the same of each scene, without intervals, None
    where a scene has nothing to find. `curves` and `breakdown` are as in an evaluation; `anatomies` say each photo's
    errors. `statistics` [1, n, 3], and `drawn`, each average precision in every draw [d], are what comparisons need.
    """

    name: str
    threshold: float
    found: FoundInPhotos
    figures: dict[str, Figure]
    by_scene: dict[str, dict[str, float | None]]
    curves: dict[str, list[float]]
    breakdown: dict[str, Any]
    anatomies: list[Anatomy]
    statistics: np.ndarray
    drawn: Mapping[str, np.ndarray]

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "detector": self.name,
            "threshold": self.threshold,
            "figures": {title: vars(figure) for title, figure in self.figures.items()},
            "by_scene": self.by_scene,
            "breakdown": {name: part for name, part in self.breakdown.items() if name != "worst"},
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """A detector against another in the same photos: F1 judged, and differences of average precisions by their titles."""

    judgement: Judgement
    precisions: dict[str, Figure]

    def record(self) -> dict[str, Any]:
        """For JSON."""
        differences = {title: vars(figure) for title, figure in self.precisions.items()}
        return {"f1": self.judgement.record(), "average_precisions": differences}


def find_in_photos(
    detector: OpenDetector, photos: AnnotatedPhotos, config: DetectionSetConfig
) -> FoundInPhotos:
    """Run over every photo; of `config` the target and the least visibility count, the size is the detector's."""
    size = {"input_width_px": detector.width_px, "input_height_px": detector.height_px}
    records, images = [], []
    for image in photos.images:
        pixels, record = fit_image(image, photos.read(image), config.model_copy(update=size))
        found = detector.find(pixels)
        records.append(record)
        images.append(Detections(record.to_source(found.boxes_xyxy), found.scores, found.labels))
    return FoundInPhotos((detector.height_px, detector.width_px), records, images)


def score_found(name: str, found: FoundInPhotos, config: EvaluationConfig, *, threshold: float) -> Scorecard:
    """All scores of a detector; rates are of what scores at least `threshold`. ValueError where nothing is to be found."""
    require_boxes_to_find(found)
    data = ground_truth(found.records)
    statistics = count_matches(found.images, found.records, threshold=threshold, iou=config.iou)
    ranked = {
        f"AP{100 * iou:.0f}": rank_detections(found.images, data, iou_threshold=iou)
        for iou in sorted(config.average_precision_ious, reverse=True)
    }
    draws = equal_draws(found.scenes, 1)
    drawn = {title: _draw(item, draws) for title, item in ranked.items()}
    anatomies = dissect_images(found.images, found.records, threshold=threshold, iou=config.iou)
    frames, seeds = Frames(found.records, found.input_hw), [(found.images, threshold)]
    return Scorecard(
        name=name,
        threshold=threshold,
        found=found,
        figures=_precisions(ranked, drawn, draws) | _rates(statistics, found.scenes),
        by_scene=_by_scene(ranked, statistics, found.scenes),
        curves=draw_curves(found.images, data, iou=config.iou),
        breakdown=break_down(frames, seeds, [anatomies], config.breakdown),
        anatomies=anatomies,
        statistics=statistics,
        drawn=drawn,
    )


def require_boxes_to_find(found: FoundInPhotos) -> None:
    """ValueError where every box is a crowd, an estimate or too hidden, so that nothing is to be found."""
    if not any(record.boxes_xyxy for record in found.records):
        num_others = sum(len(record.ignore_xyxy) for record in found.records)
        raise ValueError(
            f"none of the {len(found.records)} images has a box that must be found ({num_others} are crowds, or seen too "
            "little); lower --min-visibility, or annotate some"
        )


def compare_scorecards(card: Scorecard, baseline: Scorecard) -> Comparison:
    """Of two detectors as they are, on the same draws of the same photos: no other training of them is thought of."""
    scenes = card.found.scenes
    evidence = Evidence(
        arm=card.name,
        baseline=baseline.name,
        statistics=[card.statistics],
        baseline_statistics=[baseline.statistics],
        clips=scenes,
        measure=F1,
        are_trainings=False,
    )
    draws = equal_draws(scenes, 1)
    precisions = {title: _difference(title, card, baseline, draws) for title in card.drawn}
    return Comparison(judge([evidence])[0], precisions)


def _draw(ranked: RankedDetections, draws: Draws | None) -> np.ndarray:
    return np.zeros(0) if draws is None else drawn_average_precisions(ranked, draws.weights)


def _precisions(
    ranked: Mapping[str, RankedDetections], drawn: Mapping[str, np.ndarray], draws: Draws | None
) -> dict[str, Figure]:
    figures = {}
    for title, item in ranked.items():
        whole = drawn_average_precisions(item, np.ones((1, len(item.num_boxes))))
        figure = _estimate(float(whole[0]), drawn[title], draws)
        bounds = None if figure.interval is None else F1.limit(figure.interval)
        figures[title] = Figure(figure.value, bounds)
    return figures


def _rates(statistics: np.ndarray, scenes: tuple[str, ...]) -> dict[str, Figure]:
    return {
        measure.title: Figure(
            float(measure.by_seed(statistics)[0]), score_interval(measure, [statistics], scenes)
        )
        for measure in _RATES
    }


def _difference(title: str, card: Scorecard, baseline: Scorecard, draws: Draws | None) -> Figure:
    """Paired: both on the same draws."""
    value = card.figures[title].value - baseline.figures[title].value
    return _estimate(value, card.drawn[title] - baseline.drawn[title], draws)


def _estimate(value: float, drawn: np.ndarray, draws: Draws | None) -> Figure:
    if draws is None:
        return Figure(value, None)
    return Figure(value, estimate(np.array([value]), drawn[:, None], draws).interval)


def _by_scene(
    ranked: Mapping[str, RankedDetections], statistics: np.ndarray, scenes: tuple[str, ...]
) -> dict[str, dict[str, float | None]]:
    """Every figure of each scene's photos alone."""
    names = sorted(set(scenes))
    weights = (np.array(names)[:, None] == np.array(scenes)).astype(float)
    columns = {title: drawn_average_precisions(item, weights) for title, item in ranked.items()}
    columns |= {measure.title: measure.drawn(statistics, weights)[:, 0] for measure in _RATES}
    has_boxes = weights @ statistics[0, :, 2] > 0
    return {
        name: {
            title: float(values[number]) if has_boxes[number] else None for title, values in columns.items()
        }
        for number, name in enumerate(names)
    }

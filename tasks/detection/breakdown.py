"""Where a detector errs: which kinds of errors it makes, in which images, and for which boxes."""

import itertools
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, field_validator

from models.detection.data import Detections
from models.detection.scoring.anatomy import Anatomy, count_errors, dissect
from models.detection.scoring.metrics import UNMATCHED
from tasks.formats.detection_sets import SetImage

_NUM_WORST = 3


class BreakdownConfig(BaseModel):
    """Edges of the bins; a value on an edge belongs to the bin above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    distance_edges: tuple[float, ...] = (1 / 3, 2 / 3)  # from the image centre, in halves of the shorter side
    size_edges_px: tuple[float, ...] = (16.0, 32.0, 64.0)  # longer side of a box at the detector's input
    visibility_edges: tuple[float, ...] = (0.5, 0.8)  # visible share of an object, 1 for all of it

    @field_validator("*")
    @classmethod
    def _ascend(cls, edges: tuple[float, ...]) -> tuple[float, ...]:
        if any(high <= low for low, high in itertools.pairwise(edges)):
            raise ValueError(f"the edges of bins must ascend, but were {list(edges)}; sort them")
        return edges


@dataclass(frozen=True)
class Frames:
    """One set of images with the detector's input size, in pixels."""

    records: list[SetImage]
    input_hw: tuple[int, int]

    def distances(self, boxes_xyxy: np.ndarray, record: SetImage) -> np.ndarray:
        """Of box centres [m] from the image's centre, in halves of its shorter side."""
        height, width = self.input_hw
        placed = record.to_input(boxes_xyxy)
        offset = (placed[:, :2] + placed[:, 2:] - np.array([width, height], np.float32)) / 2
        half = min(width - 2 * record.left_px, height - 2 * record.top_px) / 2
        return np.hypot(offset[:, 0], offset[:, 1]) / half

    def sizes_px(self, boxes_xyxy: np.ndarray, record: SetImage) -> np.ndarray:
        """Longer sides [m] at the detector's input."""
        placed = record.to_input(boxes_xyxy)
        return (placed[:, 2:] - placed[:, :2]).max(axis=1)


def dissect_images(
    found: list[Detections], records: list[SetImage], *, threshold: float, iou: float
) -> list[Anatomy]:
    """The errors of every image, of the detections with at least this score."""
    return [
        dissect(
            _kept(detections, threshold),
            _boxes(record.boxes_xyxy),
            _boxes(record.ignore_xyxy),
            iou_threshold=iou,
        )
        for detections, record in zip(found, records, strict=True)
    ]


def break_down(
    frames: Frames,
    seeds: list[tuple[list[Detections], float]],
    anatomies: list[list[Anatomy]],
    config: BreakdownConfig,
) -> dict[str, object]:
    """The content of breakdown.json about one arm; `seeds` are each seed's detections and threshold.

    Counts are sums over seeds. `errors` by kind; `worst`: images with most errors; `bins`: rates by distance, size and
    visibility. A false detection belongs to the bin of its own distance and size; of visibility it has none.
    """
    rows = [
        (index, detections, seeds[seed][1], image)
        for seed, images in enumerate(anatomies)
        for index, (detections, image) in enumerate(zip(seeds[seed][0], images, strict=True))
    ]
    boxes, false, is_found = [], [], []
    for index, detections, threshold, image in rows:
        record = frames.records[index]
        wrong = image.box_of == UNMATCHED
        boxes.append(_measured(frames, _boxes(record.boxes_xyxy), record))
        false.append(_measured(frames, _kept(detections, threshold)[wrong], record))
        is_found.append(~image.is_missed)
    visible = np.concatenate([np.array(frames.records[index].visibilities) for index, *_ in rows])
    values, wrongs, hits = np.concatenate(boxes), np.concatenate(false), np.concatenate(is_found)
    return {
        "errors": count_errors([image for *_, image in rows]),
        "worst": worst_images(anatomies, most=_NUM_WORST),
        "bins": {
            "distance from the centre": _rates(config.distance_edges, values[:, 0], hits, wrongs[:, 0]),
            "size in px": _rates(config.size_edges_px, values[:, 1], hits, wrongs[:, 1]),
            "visible share": _rates(config.visibility_edges, visible, hits, None),
        },
    }


def _measured(frames: Frames, boxes_xyxy: np.ndarray, record: SetImage) -> np.ndarray:
    """Distance and size of each box [m, 2]."""
    return np.stack([frames.distances(boxes_xyxy, record), frames.sizes_px(boxes_xyxy, record)], axis=1)


def _rates(
    edges: tuple[float, ...], values: np.ndarray, is_found: np.ndarray, false: np.ndarray | None
) -> list[dict[str, object]]:
    """Boxes, precision, recall and F1 of each bin; None where nothing is counted, or precision is not known."""
    bins, count = np.searchsorted(edges, values, side="right"), len(edges) + 1
    boxes = np.bincount(bins, minlength=count)
    found = np.bincount(bins[is_found], minlength=count)
    wrong = None if false is None else _counted(edges, false)
    rows = []
    for number, name in enumerate(_names(edges)):
        true, total = int(found[number]), int(boxes[number])
        claimed = None if wrong is None else true + int(wrong[number])
        rows.append(
            {
                "name": name,
                "num_boxes": total,
                "precision": true / claimed if claimed else None,
                "recall": true / total if total else None,
                "f1": 2 * true / (claimed + total) if claimed is not None and claimed + total else None,
            }
        )
    return rows


def _counted(edges: tuple[float, ...], values: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)


def _names(edges: tuple[float, ...]) -> list[str]:
    if not edges:
        return ["all"]
    middle = [f"{low:.3g} – {high:.3g}" for low, high in itertools.pairwise(edges)]
    return [f"below {edges[0]:.3g}", *middle, f"from {edges[-1]:.3g}"]


def worst_images(anatomies: list[list[Anatomy]], *, most: int) -> list[int]:
    """Indices of the images with most errors over all seeds, the worst first; images without any are left out."""
    errors = np.array([[sum(count_errors([image]).values()) for image in images] for images in anatomies])
    order = np.argsort(-errors.sum(axis=0), kind="stable")[:most]
    return [int(index) for index in order if errors[:, index].any()]


def _kept(detections: Detections, threshold: float) -> np.ndarray:
    return detections.boxes_xyxy[detections.scores >= threshold]


def _boxes(boxes: object) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)

"""How well label maps agree with the truth, from confusion matrices of every image.

Shapes: n images, d bins of distance, C classes; rows of a matrix are true classes, columns predicted ones. For
intervals over images, sequences and seeds give `judging.sufficient_statistics.class_statistics` the matrices [k, n, C, C].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.augmentation.config import IGNORE_LABEL
from models.configs import require
from models.judging.measures import MEASURES, find_measure
from models.judging.sufficient_statistics import class_statistics

_CODES = 2**16  # of a pair of bytes
_NAMES = ("pixel_accuracy", "class_accuracy", "mean_iou", "frequency_weighted_iou")


@dataclass(frozen=True)
class Figures:
    """Over all images (Long et al. 2015, section 5): shares in 0..1, NaN where nothing defines one.

    A class that is neither annotated nor predicted is left out of the means, and its IoU is NaN. `mean_iou_of_all`
    divides by all classes, also those (seed 002's equation 16 read literally): where no class is absent it is `mean_iou`.
    """

    pixel_accuracy: float
    class_accuracy: float
    mean_iou: float
    frequency_weighted_iou: float
    mean_iou_of_all: float
    ious_c: np.ndarray


def confusion_matrices(true_nhw: np.ndarray, predicted_nhw: np.ndarray, *, num_classes: int) -> np.ndarray:
    """Pixels int64 [n, C, C] of label maps uint8; true labels of 255 are ignored. ValueError for other labels."""
    _check_maps(true_nhw, predicted_nhw)
    matrices = [
        _take_matrices(np.bincount(_codes(true, predicted), minlength=_CODES), num_classes, map_number=number)
        for number, (true, predicted) in enumerate(zip(true_nhw, predicted_nhw, strict=True))
    ]
    return np.array(matrices).reshape(-1, num_classes, num_classes)


def confusion_by_distance(
    true_nhw: np.ndarray,
    predicted_nhw: np.ndarray,
    depth_nhw: np.ndarray,
    *,
    edges: Sequence[float],
    num_classes: int,
) -> np.ndarray:
    """The same for each bin of distance int64 [n, d, C, C]: `edges` (d + 1, rising; the last may be infinite) part them, in
    the unit of the depths.

    Pixels outside of all bins, and those whose depth is not a number, enter none.
    """
    _check_maps(true_nhw, predicted_nhw)
    require(depth_nhw.shape == true_nhw.shape, f"depths {depth_nhw.shape} are not of maps {true_nhw.shape}")
    num_bins = len(edges) - 1
    matrices = []
    for number, (true, predicted, depth) in enumerate(zip(true_nhw, predicted_nhw, depth_nhw, strict=True)):
        counts = _count_by_bin(_codes(true, predicted), _bins(depth, edges), num_bins)
        matrices.append(_take_matrices(counts, num_classes, map_number=number))
    return np.array(matrices).reshape(-1, num_bins, num_classes, num_classes)


def figures(confusion_ncc: np.ndarray, *, ignored: Sequence[int] = ()) -> Figures:
    """Of matrices [n, C, C]; of `ignored` classes (void, for the reading with 19 of 20 classes) no pixel enters."""
    statistics = class_statistics(confusion_ncc, ignored=ignored)[None]
    num_classes = statistics.shape[-1] // 3
    score = {name: float(MEASURES[name].by_seed(statistics)[0]) for name in _NAMES}
    ious = [find_measure(f"class_iou:{index}").by_seed(statistics)[0] for index in range(num_classes)]
    return Figures(**score, mean_iou_of_all=float(np.nansum(ious)) / num_classes, ious_c=np.array(ious))


def _check_maps(true_nhw: np.ndarray, predicted_nhw: np.ndarray) -> None:
    require(
        true_nhw.shape == predicted_nhw.shape and true_nhw.ndim == 3,
        f"True and predicted label maps must have one shape [n, height, width], but had {list(true_nhw.shape)} and "
        f"{list(predicted_nhw.shape)}.",
    )
    require(
        true_nhw.dtype == predicted_nhw.dtype == np.uint8,
        f"Label maps must be uint8, but were {true_nhw.dtype} and {predicted_nhw.dtype}.",
    )


def _codes(true_hw: np.ndarray, predicted_hw: np.ndarray) -> np.ndarray:
    """256 t + p of every pixel, flat: counting them needs no mask of what is ignored."""
    return (true_hw.astype(np.uint16) * np.uint16(256) + predicted_hw).ravel()


def _bins(depth_hw: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """0..d-1, or d for pixels of no bin, flat; a depth of an edge is in the farther bin, of the last edge in the last."""
    depth, num_bins = depth_hw.ravel(), len(edges) - 1
    bins = np.searchsorted(np.asarray(edges, float), depth, side="right") - 1
    bins[depth == edges[-1]] = num_bins - 1
    return np.where((bins >= 0) & (bins < num_bins), bins, num_bins)


def _count_by_bin(codes: np.ndarray, bins: np.ndarray, num_bins: int) -> np.ndarray:
    counts = np.bincount(codes + bins * _CODES, minlength=(num_bins + 1) * _CODES)
    return counts[: num_bins * _CODES]


def _take_matrices(counts: np.ndarray, num_classes: int, *, map_number: int) -> np.ndarray:
    """[d, C, C] of the counts of one map's codes, in each of d bins; ValueError where they hold labels of no class."""
    pairs = counts.reshape(-1, 256, 256)
    for kind, axis in (("true", 1), ("predicted", 2)):
        # Where the truth is ignored, the prediction may be anything.
        found = np.flatnonzero(np.delete(pairs, IGNORE_LABEL, axis=1).sum(axis=(0, 3 - axis)))
        wrong = found[found >= num_classes]
        if len(wrong):
            allowed = f"0..{num_classes - 1}{' or 255' if kind == 'true' else ''}"
            raise ValueError(
                f"A {kind} label of map {map_number} is {wrong[0]}, but labels must be in {allowed}."
            )
    return pairs[:, :num_classes, :num_classes].copy()

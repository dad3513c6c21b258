"""Gives every pixel of photos of any size a class with a trained segmenter: what remains to be done once a run has ended."""

from collections.abc import Iterable

import cv2
import numpy as np

from tasks.label_maps.importing import scaled
from tasks.segmentation.opened_segmenters import OpenSegmenter

_BAND_PX = 1024  # rows for which the scores of classes are held at once


def segment_photo(segmenter: OpenSegmenter, pixels: np.ndarray) -> np.ndarray:
    """Training ids uint8 [h, w] of an image uint8 [h, w, 3]: the photo is scaled as the training images were, and the
    network's scores are brought to its size before the likeliest class is taken.
    """
    fitted, (height, width) = fit_photo(segmenter, pixels)
    logits = segmenter.find(fitted)[:, :height, :width]
    return read_labels_at(logits, (pixels.shape[0], pixels.shape[1]), has_levels=segmenter.has_levels)


def fit_photo(segmenter: OpenSegmenter, pixels: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The photo at the segmenter's size, and which rows and columns of that it fills; the rest repeats its last pixels.

    Its shape is kept, or stretched as the training images were.
    """
    height, width = pixels.shape[:2]
    stretched = width * segmenter.trained_on.stretch
    scale = min(segmenter.width_px / stretched, segmenter.height_px / height)
    rows, columns = max(1, round(height * scale)), max(1, round(stretched * scale))
    small = scaled(pixels, (columns, rows), is_label=False)
    below, right = segmenter.height_px - rows, segmenter.width_px - columns
    return cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE), (rows, columns)


def read_labels_at(logits_chw: np.ndarray, size: tuple[int, int], *, has_levels: bool) -> np.ndarray:
    """uint8 [h, w] of `size`: the class whose score, interpolated, is largest; of levels, how many are above 0."""
    labels = np.empty(size, np.uint8)
    for top in range(0, size[0], _BAND_PX):
        rows = labels[top : top + _BAND_PX]
        bands = (_band(logits, size, top, len(rows)) for logits in logits_chw)
        rows[:] = _count_levels(bands, rows.shape) if has_levels else _take_likeliest(bands, rows.shape)
    return labels


def _band(logits_hw: np.ndarray, size: tuple[int, int], top: int, count: int) -> np.ndarray:
    """Rows `top` to `top + count` of the map at `size`."""
    y, x = logits_hw.shape[0] / size[0], logits_hw.shape[1] / size[1]
    # Pixel centres lie at +0.5.
    to_logits = np.array([[x, 0, x / 2 - 0.5], [0, y, (top + 0.5) * y - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        np.ascontiguousarray(logits_hw),
        to_logits,
        (size[1], count),
        flags=flags,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _take_likeliest(bands: Iterable[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """One class after another, so that the scores of all never lie in memory together."""
    labels, best = np.zeros(shape, np.uint8), np.full(shape, -np.inf, np.float32)
    for index, band in enumerate(bands):
        is_better = band > best
        labels[is_better], best = index, np.maximum(band, best)
    return labels


def _count_levels(bands: Iterable[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    labels = np.zeros(shape, np.uint8)
    for band in bands:
        labels += band > 0
    return labels

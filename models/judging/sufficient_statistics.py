"""Per-image statistics whose sums over images are all that a measure needs to know of them.

Shapes: k seeds, n images, C classes.
"""

from collections.abc import Sequence

import numpy as np


def detection_statistics(num_true: np.ndarray, num_found: np.ndarray, num_boxes: np.ndarray) -> np.ndarray:
    """[k, n, 3]: true detections and all detections, [k, n] each, and the annotated boxes [n], the same for every seed."""
    return np.stack([num_true, num_found, np.broadcast_to(num_boxes, num_true.shape)], axis=-1).astype(float)


def class_statistics(confusion: np.ndarray, *, ignored: Sequence[int] = ()) -> np.ndarray:
    """[..., 3C] of confusion matrices [..., C, C], pixels by annotated class (rows) and predicted class (columns).

    Right, annotated and predicted pixels of every class: no measure of PA, CA, mIoU and FWIoU needs more, and for 20
    classes that is 60 numbers an image instead of 400. Of `ignored` classes no annotated pixel enters. They have no
    score of their own, either, so that C is the number of the others; a pixel that was taken for one of them is wrong.
    """
    kept = np.setdiff1d(np.arange(confusion.shape[-1]), np.array(ignored, int))
    rows = confusion[..., kept, :].astype(float)
    predicted = rows[..., kept]
    right = np.diagonal(predicted, axis1=-2, axis2=-1)
    return np.concatenate([right, rows.sum(axis=-1), predicted.sum(axis=-2)], axis=-1)


def value_statistics(values: np.ndarray) -> np.ndarray:
    """[k, n, 2]: the value [k, n] of every image, and 1; ValueError for a value that is not finite.

    The PSNR of an image that was met exactly is infinite, and so would be every mean that holds it.
    """
    if not np.isfinite(values).all():
        raise ValueError(
            f"{np.count_nonzero(~np.isfinite(values))} of {values.size} values are not finite, so that they have no mean; "
            "leave those images out, or pool their squared errors"
        )
    return np.stack([values, np.ones(values.shape)], axis=-1).astype(float)


def error_statistics(squared_errors: np.ndarray, num_values: np.ndarray, *, peak: float) -> np.ndarray:
    """[k, n, 2]: sums of squared errors [k, n] in squares of `peak`, the largest difference that there can be (255 of
    bytes, 2 of -1 to 1), and how many values [n] each image has.
    """
    counts = np.broadcast_to(num_values, squared_errors.shape)
    return np.stack([squared_errors / peak**2, counts], axis=-1).astype(float)

"""Soiling out of focus: every point of the pane becomes a disc."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SAMPLES = 8  # along each side of a cell of the kernel


def disc(diameter: float) -> NDArray[np.float32]:
    """[k, k] of sum 1: the share of each cell that a disc covers."""
    reach = int(np.ceil(max(diameter / 2 - 0.5, 0.0)))
    side = (2 * reach + 1) * _SAMPLES
    axis = (np.arange(side) + 0.5) / _SAMPLES - (reach + 0.5)
    is_inside = np.hypot(axis[:, None], axis) <= max(diameter / 2, 0.5)
    cells = is_inside.reshape(2 * reach + 1, _SAMPLES, 2 * reach + 1, _SAMPLES).mean(axis=(1, 3))
    return (cells / cells.sum()).astype(np.float32)


def defocus(values: NDArray[np.float32], diameter: float) -> NDArray[np.float32]:
    """[h, w] or [h, w, c] premultiplied, under a disc of that diameter; a diameter up to 1 changes nothing.

    What lies outside the frame is taken to go on as at the frame's edge.
    """
    if diameter <= 1:
        return values
    blurred = cv2.filter2D(values, cv2.CV_32F, disc(diameter), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)

"""How much of the pane is soiled: thresholds of fields, and shapes counted until they cover what was asked for."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_assets.soiling.pane import Pane

LEAST_ALPHA = 0.02  # what hides less counts as clean
_FIXED = 4  # fractional bits of OpenCV's drawing
_COUNT_EVERY = 4


def threshold(field: NDArray[np.float32], seen: NDArray[np.bool_], share: float) -> float:
    """What `share` of the seen blocks are above."""
    values = field[seen]
    number = min(int(share * len(values)), len(values) - 1)
    return float(-np.partition(-values, number)[number])


@dataclass
class Coverage:
    """Which blocks shapes have covered so far, with the blur around them."""

    pane: Pane

    def __post_init__(self) -> None:
        self.mask = np.zeros(self.pane.shape_hw, np.uint8)
        self._seen = self.pane.seen_blocks.astype(np.uint8)
        self._total = max(int(self._seen.sum()), 1)
        self._drawn = 0
        self._share = 0.0

    def add_disc(self, middle_xy: NDArray[np.float64], radius: float) -> None:
        cv2.circle(self.mask, fixed(middle_xy), fixed_length(radius), (1,), -1, cv2.LINE_8, _FIXED)
        self._drawn += 1

    def add_line(self, points_xy: NDArray[np.float64], width: float) -> None:
        points = np.rint(points_xy * 2**_FIXED - 2 ** (_FIXED - 1)).astype(np.int32)
        cv2.polylines(self.mask, [points], False, (1,), max(1, round(width)), cv2.LINE_8, _FIXED)
        self._drawn += _COUNT_EVERY

    def reaches(self, share: float) -> bool:
        """Counted every few shapes, as counting costs more than drawing."""
        if self._drawn >= _COUNT_EVERY:
            self._drawn = 0
            self._share = cv2.countNonZero(self.mask & self._seen) / self._total
        return self._share >= share


def fixed(point_xy: NDArray[np.float64]) -> tuple[int, int]:
    """A point whose blocks have their middles at 0.5, as OpenCV draws it with fractional bits."""
    x, y = np.rint((point_xy - 0.5) * 2**_FIXED).astype(int).tolist()
    return x, y


def fixed_length(length: float) -> int:
    return max(1, round(length * 2**_FIXED))


def seen_radius(radius: float, alpha: float, blur: float) -> float:
    """Radius at which a blurred disc of that opacity still hides LEAST_ALPHA; 0 where it hides less everywhere.

    Two discs that touch overlap by the power 3/2 of how far one goes into the other; in the middle the blurred disc hides
    alpha min(1, (2 radius / blur)^2), beside its outer edge nothing.
    """
    peak = alpha * min(1.0, (2 * radius / blur) ** 2) if blur > 1 else alpha
    if peak <= LEAST_ALPHA:
        return 0.0
    if blur <= 1:
        return radius
    near, far = abs(radius - blur / 2), radius + blur / 2
    return near + (far - near) * (1 - (LEAST_ALPHA / peak) ** (2 / 3))


def spread_points(
    shape_hw: tuple[int, int], margin: float, rng: np.random.Generator, *, most: int
) -> Iterator[NDArray[np.float64]]:
    """Points [2] (x, y) anywhere on the pane and `margin` around it."""
    size = np.array(shape_hw[::-1]) + 2 * margin
    yield from rng.random((most, 2)) * size - margin

"""What a refiner did to images, as figures: how much it changed, where, and whether its outputs still differ."""

from dataclasses import dataclass

import numpy as np

from models.features.distances import mean_pairwise_distance

_THUMBNAIL_PX = (
    4  # means of 4 x 4 px: what tells images apart is coarse, and a quarter of the side costs a sixteenth
)


@dataclass(frozen=True)
class Pairs:
    """Synthetic crops with their refined versions, uint8 [n, h, w, 3], and, bool [n, h, w], where they show something.

    `outline`: where what may change is; `kept`: where edges are to stay.
    """

    before: np.ndarray
    after: np.ndarray
    outline: np.ndarray
    kept: np.ndarray

    def __len__(self) -> int:
        return len(self.before)

    def at(self, indices: np.ndarray) -> "Pairs":
        return Pairs(self.before[indices], self.after[indices], self.outline[indices], self.kept[indices])


@dataclass(frozen=True)
class RegionChange:
    """Mean absolute change in grey levels inside and outside the outlines; None for a region without pixels."""

    inside: float | None
    outside: float | None


def mean_change(before_nhwc: np.ndarray, after_nhwc: np.ndarray) -> float:
    """Mean absolute difference of uint8 images in grey levels."""
    return float(_change(before_nhwc, after_nhwc).mean())


def region_change(before_nhwc: np.ndarray, after_nhwc: np.ndarray, is_inside_nhw: np.ndarray) -> RegionChange:
    """The change of uint8 images where `is_inside_nhw` (bool) holds and where it does not, over all images' pixels."""
    change = _change(before_nhwc, after_nhwc).mean(axis=-1)
    inside, outside = change[is_inside_nhw], change[~is_inside_nhw]
    return RegionChange(
        float(inside.mean()) if inside.size else None, float(outside.mean()) if outside.size else None
    )


def diversity_ratio(before_nhwc: np.ndarray, after_nhwc: np.ndarray) -> float:
    """Mean distance between two outputs relative to that between two inputs; near 0 where all outputs are alike.

    Needs two images or more, sides multiples of 4. 1 where the inputs are all equal: nothing can then be lost.
    """
    spread = mean_pairwise_distance(_thumbnails(before_nhwc))
    return mean_pairwise_distance(_thumbnails(after_nhwc)) / spread if spread > 0 else 1.0


def _change(before_nhwc: np.ndarray, after_nhwc: np.ndarray) -> np.ndarray:
    return np.abs(after_nhwc.astype(np.int16) - before_nhwc)


def _thumbnails(images_nhwc: np.ndarray) -> np.ndarray:
    """[n, values] of the images at a quarter of their sides."""
    n, height, width, channels = images_nhwc.shape
    side = _THUMBNAIL_PX
    blocks = images_nhwc.reshape(n, height // side, side, width // side, side, channels)
    return blocks.mean(axis=(2, 4)).reshape(n, -1)

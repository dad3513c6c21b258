"""Drawn streets that a network learns in seconds: sky, road and a car, with a rim of pixels that are ignored."""

import numpy as np

from models.augmentation.config import IGNORE_LABEL
from models.segmentation.data import SegmentationSet, Splits

HEIGHT_PX, WIDTH_PX, CLASSES = 32, 48, 3
SKY, ROAD, CAR = range(CLASSES)
_COLORS = np.array([(90, 130, 230), (90, 90, 90), (220, 50, 40)])


def draw_set(num_images: int, *, seed: int, noise: float = 12.0) -> SegmentationSet:
    rng = np.random.default_rng(seed)
    labels = np.stack([draw_labels(rng) for _ in range(num_images)])
    colors = np.where(labels[..., None] == IGNORE_LABEL, 128, _COLORS[np.minimum(labels, CAR)])
    images = colors + rng.normal(0, noise, colors.shape) + rng.uniform(-15, 15, (num_images, 1, 1, 3))
    return SegmentationSet(np.clip(images, 0, 255).astype(np.uint8), labels)


def draw_splits() -> Splits:
    return Splits(draw_set(12, seed=0), draw_set(6, seed=1))


def draw_labels(rng: np.random.Generator) -> np.ndarray:
    """uint8 [h, w]: sky above the horizon, road below it, a car on it whose rim of a pixel is ignored."""
    labels = np.full((HEIGHT_PX, WIDTH_PX), SKY, np.uint8)
    horizon = int(rng.integers(8, 16))
    labels[horizon:] = ROAD
    left, top = int(rng.integers(1, 24)), int(rng.integers(8, 16))
    labels[top - 1 : top + 12, left - 1 : left + 19] = IGNORE_LABEL
    labels[top : top + 11, left : left + 18] = CAR
    return labels

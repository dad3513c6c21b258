"""Anchors: reference boxes on a grid, whose sizes are learned from the training boxes."""

import numpy as np

from models.configs import require


def size_iou(first_wh: np.ndarray, second_wh: np.ndarray) -> np.ndarray:
    """IoU [n, m] of boxes of these sizes laid on one centre."""
    common = np.minimum(first_wh[:, None], second_wh[None]).prod(2)
    return common / (first_wh.prod(1)[:, None] + second_wh.prod(1)[None] - common)


def cluster_sizes(boxes_wh: np.ndarray, *, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` sizes [count, 2] by k-means with distance 1 - IoU (Redmon and Farhadi 2017), smallest first."""
    require(
        len(boxes_wh) >= 1, "There are no training boxes to learn anchor sizes from; at least one is needed."
    )
    sizes = _spread_start(boxes_wh, count=count, rng=rng)
    for _ in range(100):
        nearest = size_iou(boxes_wh, sizes).argmax(1)
        moved = np.array(
            [boxes_wh[nearest == k].mean(0) if np.any(nearest == k) else sizes[k] for k in range(count)]
        )
        if np.allclose(moved, sizes):
            break
        sizes = moved
    return sizes[np.argsort(sizes.prod(1), kind="stable")]


def _spread_start(boxes_wh: np.ndarray, *, count: int, rng: np.random.Generator) -> np.ndarray:
    """k-means++ starts; fewer distinct sizes than `count` are made up with scaled copies."""
    sizes = [boxes_wh[rng.integers(len(boxes_wh))]]
    while len(sizes) < count:
        distance = 1 - size_iou(boxes_wh, np.array(sizes)).max(1)
        if distance.sum() < 1e-6:
            sizes.append(sizes[rng.integers(len(sizes))] * np.exp2(rng.uniform(-0.5, 0.5, 2)))
        else:
            weights = np.clip(distance, 0, None) ** 2
            sizes.append(boxes_wh[rng.choice(len(boxes_wh), p=weights / weights.sum())])
    return np.array(sizes, np.float64)


def anchor_grid(sizes_wh: np.ndarray, *, grid_hw: tuple[int, int], image_hw: tuple[int, int]) -> np.ndarray:
    """Anchors [gh * gw * k, 4] as centre x, centre y, width, height in pixels; centres at (i + 0.5) * W /
    gw.
    """
    rows = (np.arange(grid_hw[0]) + 0.5) * image_hw[0] / grid_hw[0]
    columns = (np.arange(grid_hw[1]) + 0.5) * image_hw[1] / grid_hw[1]
    shape = (*grid_hw, len(sizes_wh))
    parts = (
        np.broadcast_to(columns[None, :, None], shape),
        np.broadcast_to(rows[:, None, None], shape),
        np.broadcast_to(sizes_wh[:, 0], shape),
        np.broadcast_to(sizes_wh[:, 1], shape),
    )
    return np.stack(parts, axis=-1).reshape(-1, 4).astype(np.float32)


def to_xyxy(boxes_cxcywh: np.ndarray) -> np.ndarray:
    """Centre form to corner form, [n, 4]."""
    half = boxes_cxcywh[:, 2:] / 2
    return np.concatenate((boxes_cxcywh[:, :2] - half, boxes_cxcywh[:, :2] + half), axis=1)


def to_cxcywh(boxes_xyxy: np.ndarray) -> np.ndarray:
    """Corner form to centre form, [n, 4]."""
    low, high = boxes_xyxy[:, :2], boxes_xyxy[:, 2:]
    return np.concatenate(((low + high) / 2, high - low), axis=1)

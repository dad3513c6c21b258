"""Boxes as float arrays [n, 4], xyxy in pixels, and how much of one another they cover."""

import numpy as np


def area(boxes_xyxy: np.ndarray) -> np.ndarray:
    """Areas [n] in square pixels."""
    return (boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])


def intersection(first_xyxy: np.ndarray, second_xyxy: np.ndarray) -> np.ndarray:
    """Common areas [n, m] in square pixels."""
    low = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    high = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    return np.prod(np.clip(high - low, 0, None), axis=2)


def iou(first_xyxy: np.ndarray, second_xyxy: np.ndarray) -> np.ndarray:
    """Intersection over union [n, m]; 0 where both boxes are empty."""
    common = intersection(first_xyxy, second_xyxy)
    union = area(first_xyxy)[:, None] + area(second_xyxy)[None, :] - common
    return common / np.maximum(union, 1e-9)


def covered(first_xyxy: np.ndarray, second_xyxy: np.ndarray) -> np.ndarray:
    """Part [n, m] of each first box that lies inside each second box."""
    return intersection(first_xyxy, second_xyxy) / np.maximum(area(first_xyxy), 1e-9)[:, None]

"""Boxes and masks as colours on images, uint8 RGB."""

import cv2
import numpy as np

GREEN, RED, AMBER = (40, 190, 80), (230, 60, 50), (240, 170, 30)
BLACK = (0, 0, 0)


def draw_boxes(image: np.ndarray, boxes_xyxy, color: tuple[int, int, int]) -> np.ndarray:
    """A copy of the image with thin boxes."""
    drawn = np.ascontiguousarray(image).copy()
    thickness = max(1, round(max(image.shape[:2]) / 500))
    for left, top, right, bottom in np.asarray(boxes_xyxy, float).reshape(-1, 4):
        corners = (round(left), round(top)), (round(right) - 1, round(bottom) - 1)
        cv2.rectangle(drawn, *corners, color, thickness)
    return drawn


def draw_findings(image: np.ndarray, boxes_xyxy, color: tuple[int, int, int]) -> np.ndarray:
    """A copy of the image with boxes that stand out from any ground: thick, and outlined in black."""
    drawn = np.ascontiguousarray(image).copy()
    thickness = max(2, round(max(image.shape[:2]) / 300))
    outline = thickness + 2 * max(1, thickness // 2)
    for left, top, right, bottom in (
        np.rint(np.asarray(boxes_xyxy, float).reshape(-1, 4)).astype(int).tolist()
    ):
        for line_color, width in ((BLACK, outline), (color, thickness)):
            cv2.rectangle(drawn, (left, top), (right - 1, bottom - 1), line_color, width)
    return drawn


def color_mask(mask: np.ndarray) -> np.ndarray:
    """Instance numbers as well-separated colours on black."""
    hues = (np.arange(256) * 67 % 180).astype(np.uint8)
    palette = cv2.cvtColor(
        np.stack([hues, np.full(256, 170, np.uint8), np.full(256, 230, np.uint8)], 1)[None], cv2.COLOR_HSV2RGB
    )[0]
    palette[0] = 0
    return palette[mask]

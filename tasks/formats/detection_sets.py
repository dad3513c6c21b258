"""Annotated images at a detector's input size as a step leaves them: `images.npy`, and `images.json` with their boxes."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.datasets.annotations import Box


@dataclass(frozen=True)
class SetImage:
    """One image of a set: its boxes in source pixels, and how its pixels were placed at the detector's size.

    A source pixel p lies at p * scale + (left_px, top_px) in the detector's input.
    """

    name: str
    clip: str
    scale: float
    left_px: float
    top_px: float
    boxes_xyxy: tuple[Box, ...]
    ignore_xyxy: tuple[Box, ...]
    visibilities: tuple[float, ...]  # of the boxes: which share of each can be seen

    def to_input(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """float32 [k, 4]: source pixels -> pixels of the detector's input."""
        boxes = np.asarray(boxes_xyxy, np.float32).reshape(-1, 4)
        return boxes * self.scale + np.array([self.left_px, self.top_px] * 2, np.float32)

    def to_source(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """float32 [k, 4]: pixels of the detector's input -> source pixels."""
        boxes = np.asarray(boxes_xyxy, np.float32).reshape(-1, 4)
        return (boxes - np.array([self.left_px, self.top_px] * 2, np.float32)) / self.scale


def read_set(folder: Path) -> tuple[np.ndarray, list[SetImage]]:
    """uint8 memmap [n, h, w, 3] and its images' records."""
    records = json.loads((folder / "images.json").read_text(encoding="utf-8"))
    return np.load(folder / "images.npy", mmap_mode="r"), [SetImage(**record) for record in records]

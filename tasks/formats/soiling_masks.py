"""Masks of soiling as steps leave them: `masks.npy`, float32 [n, h, w] in 0..1."""

from pathlib import Path

import numpy as np

MASKS = "masks.npy"


def write_masks(folder: Path, masks_nhw: np.ndarray) -> None:
    assert masks_nhw.ndim == 3, "one mask an image"
    np.save(folder / MASKS, masks_nhw.astype(np.float32))


def read_masks(folder: Path) -> np.ndarray:
    """float32 memmap [n, h, w]."""
    return np.load(folder / MASKS, mmap_mode="r")

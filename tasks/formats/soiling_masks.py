"""Masks of soiling as steps leave them: `masks.npy`, float32 [n, h, w] in 0..1."""

from pathlib import Path

import numpy as np


def write_masks(folder: Path, masks_nhw: np.ndarray) -> None:
    assert masks_nhw.ndim == 3, "one mask an image"
    np.save(folder / "masks.npy", masks_nhw.astype(np.float32))


def read_masks(folder: Path) -> np.ndarray:
    """float32 memmap [n, h, w]."""
    return np.load(folder / "masks.npy", mmap_mode="r")

"""Tiny images and label maps in the folders of the data sets."""

from pathlib import Path

import numpy as np
from PIL import Image

IDS = np.array(
    [[7, 7, 26, 0], [7, 11, 26, 21]], np.uint8
)  # of Cityscapes: road, car, building, vegetation, unlabeled
TRAIN_IDS = np.array([[0, 0, 13, 255], [0, 2, 13, 8]], np.uint8)
COLORS = np.array(
    [
        [[128, 64, 128], [128, 64, 128], [0, 0, 142], [0, 0, 0]],
        [[128, 64, 128], [70, 70, 70], [0, 0, 142], [107, 142, 35]],
    ],
    np.uint8,
)


def write(path: Path, pixels: np.ndarray, palette: np.ndarray | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    if palette is not None:
        image.putpalette(palette.astype(np.uint8).tobytes())
    image.save(path)
    return path


def photo(seed: int = 0, size: tuple[int, int] = (4, 2)) -> np.ndarray:
    """uint8 [h, w, 3] of noise; `size` is width, height."""
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def tree(folder: Path, *names: str) -> Path:
    """Images, and label maps by what their names end with, in which IDS, TRAIN_IDS or COLORS stand."""
    for number, name in enumerate(names):
        write(folder / name, _pixels(name, number))
    return folder


def _pixels(name: str, seed: int) -> np.ndarray:
    stem = Path(name).stem
    if stem.endswith(("_color", "_labelColor", "_train_color")) or "colormaps" in name or "_rgb/" in name:
        return COLORS
    if stem.endswith(("labelTrainIds", "_train_id")) or "sem_seg/masks" in name:
        return TRAIN_IDS
    is_map = stem.endswith("labelIds") or any(
        word in name for word in ("/labels/", "/semantic/", "annot/", "labels/")
    )
    return IDS if is_map and "rgb" not in name else photo(seed)

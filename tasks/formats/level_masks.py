"""What annotated levels of soiling hide, as masks that networks learn from; the only module of masks that needs torch."""

from pathlib import Path

import numpy as np

from tasks.formats.label_maps import read_label_maps

_PART = 64  # label maps that are resized at once


def masks_of_levels(folder: Path, size_hw: tuple[int, int], *, smoothing_px: float) -> np.ndarray:
    """float32 [n, h, w] at `size_hw` of a set annotated with levels. Imports torch."""
    labels = read_label_maps(folder).labels
    assert labels is not None, "masks are learned from annotated images"
    return masks_of_label_maps(labels, size_hw, smoothing_px=smoothing_px)


def masks_of_label_maps(
    levels_nhw: np.ndarray, size_hw: tuple[int, int], *, smoothing_px: float
) -> np.ndarray:
    """float32 [n, h, w] at `size_hw`: how much each level hides, smoothed at that size. Imports torch.

    What is ignored hides nothing.
    """
    import torch

    from models.soiling.masks import alpha_of_levels, resize_mask, smooth

    masks = [
        smooth(resize_mask(alpha_of_levels(torch.from_numpy(np.array(part))), size_hw), smoothing_px)
        for part in (levels_nhw[start : start + _PART] for start in range(0, len(levels_nhw), _PART))
    ]
    return torch.cat(masks)[:, 0].numpy()

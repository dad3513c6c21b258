"""What annotated levels of soiling hide, as masks that networks learn from; the only module of masks that needs torch."""

from pathlib import Path

import numpy as np

from tasks.formats.label_maps import read_label_maps

_PART = 64  # label maps that are resized at once


def masks_of_levels(folder: Path, size_hw: tuple[int, int], *, smoothing_px: float) -> np.ndarray:
    """float32 [n, h, w] at `size_hw` of a set annotated with levels: how much each hides, smoothed at that size.

    What is ignored hides nothing. Imports torch.
    """
    import torch

    from models.soiling.masks import alpha_of_levels, resize_mask, smooth

    labels = read_label_maps(folder).labels
    assert labels is not None, "masks are learned from annotated images"
    masks = [
        smooth(resize_mask(alpha_of_levels(torch.from_numpy(np.array(part))), size_hw), smoothing_px)
        for part in (labels[start : start + _PART] for start in range(0, len(labels), _PART))
    ]
    return torch.cat(masks)[:, 0].numpy()

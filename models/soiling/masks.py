"""Masks of soiling as floats: 0 is background, 1 hides everything.

Shapes: b batch, k levels above clear, h x w pixels.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.configs import require

# How much each level hides, clear to opaque. No source says it; between the thresholds of 0.02, 0.30 and 0.80.
LEVEL_ALPHAS = (0.0, 0.25, 0.6, 1.0)
CLEAR_BELOW = 0.02  # opacity below which a pixel is of level 0
SMOOTHING_PX = 4.0  # standard deviation of the seed's gaussian, at a quarter of the image's size
_REACH = 4.0  # standard deviations; beyond it lies 6e-5 of the weight


def check_masks(name: str, masks_nhw: np.ndarray) -> None:
    """ValueError unless masks are float32 [n, h, w] in 0..1 with n >= 1."""
    require(
        masks_nhw.ndim == 3 and masks_nhw.dtype == np.float32 and len(masks_nhw) > 0,
        f"The {name} masks must be float32 [n, height, width] with n >= 1, but were {masks_nhw.dtype} "
        f"{list(masks_nhw.shape)}.",
    )
    least, most = float(masks_nhw.min()), float(masks_nhw.max())
    require(least >= 0 and most <= 1, f"The {name} masks must be in 0..1, but are in {least:g}..{most:g}.")


def alpha_of_levels(levels_bhw: Tensor) -> Tensor:
    """Float32 [b, 1, h, w] of label maps of levels 0 to 3; what is ignored (255) hides nothing.

    ValueError for a level that there is not.
    """
    most = len(LEVEL_ALPHAS) - 1
    levels = levels_bhw.long()
    levels = levels.masked_fill(levels == 255, 0)
    require(
        levels.numel() == 0 or (int(levels.min()) >= 0 and int(levels.max()) <= most),
        f"Levels of soiling are 0 to {most} or 255, which is ignored, but one is {int(levels.max())}.",
    )
    return torch.tensor(LEVEL_ALPHAS, device=levels.device)[levels].unsqueeze(1)


def smooth(mask_b1hw: Tensor, sigma_px: float = SMOOTHING_PX) -> Tensor:
    """The seed's gamma: a gaussian, float32, beyond the border continued by its last pixels; 0 smooths nothing."""
    require(sigma_px >= 0, f"sigma_px must be >= 0, but was {sigma_px}.")
    if sigma_px == 0:
        return mask_b1hw.float()
    reach = math.ceil(_REACH * sigma_px)
    distance = torch.arange(-reach, reach + 1, device=mask_b1hw.device).float()
    kernel = torch.exp(-0.5 * (distance / sigma_px).square())
    kernel = kernel / kernel.sum()
    with torch.autocast(mask_b1hw.device.type, enabled=False):
        padded = functional.pad(mask_b1hw.float(), (reach,) * 4, mode="replicate")
        rows = functional.conv2d(padded, kernel.view(1, 1, 1, -1))
        return functional.conv2d(rows, kernel.view(1, 1, -1, 1)).clamp(0, 1)


def steepen(masks_nhw: np.ndarray, steepness: float) -> np.ndarray:
    """Float32 masks whose opacity m is clip(1/2 + (m - 1/2) steepness): what a half is stays, edges become narrower."""
    return np.clip(0.5 + (masks_nhw - 0.5) * steepness, 0, 1).astype(np.float32)


def clear_faint(mask: Tensor) -> Tensor:
    """The mask with 0 where it is of level 0: networks' masks are nowhere quite 0, and would change every pixel."""
    return mask.masked_fill(mask < CLEAR_BELOW, 0.0)


def resize_mask(mask_b1hw: Tensor, size_hw: tuple[int, int]) -> Tensor:
    """Float32 at another size: bilinear, so that opacity stays in its range, and means where it shrinks."""
    if tuple(mask_b1hw.shape[-2:]) == tuple(size_hw):
        return mask_b1hw.float()
    return functional.interpolate(
        mask_b1hw.float(), size=size_hw, mode="bilinear", align_corners=False, antialias=True
    ).clamp(0, 1)

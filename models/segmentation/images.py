"""Pixels as the networks read them."""

import numpy as np
import torch
from torch import Tensor

from models.segmentation.config import Normalisation

# ImageNet's, which torchvision's weights expect.
MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)


def load_images(images_nhwc: np.ndarray, device: torch.device) -> Tensor:
    """uint8 [b, 3, h, w] on the device."""
    # A copy: the images may lie in a read-only memory map.
    return torch.from_numpy(np.array(images_nhwc)).to(device).permute(0, 3, 1, 2)


def normalise(images_bchw: Tensor, kind: Normalisation = "imagenet") -> Tensor:
    """Float images in 0..1 with the mean and deviation of ImageNet's taken out, or (`symmetric`) in -1..1."""
    if kind == "symmetric":
        return images_bchw * 2 - 1
    mean, deviation = (
        torch.tensor(values, dtype=images_bchw.dtype, device=images_bchw.device).view(3, 1, 1)
        for values in (MEAN_RGB, STD_RGB)
    )
    return (images_bchw - mean) / deviation

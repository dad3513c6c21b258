"""Pixels as the networks read them."""

import numpy as np
import torch
from torch import Tensor

from models.segmentation.config import Normalisation
from models.training import imagenet_images


def load_images(images_nhwc: np.ndarray, device: torch.device) -> Tensor:
    """uint8 [b, 3, h, w] on the device."""
    # A copy: the images may lie in a read-only memory map.
    return torch.from_numpy(np.array(images_nhwc)).to(device).permute(0, 3, 1, 2)


def normalise(images_bchw: Tensor, kind: Normalisation = "imagenet") -> Tensor:
    """Float images in 0..1 with the mean and deviation of ImageNet's taken out, or (`symmetric`) in -1..1."""
    if kind == "symmetric":
        return images_bchw * 2 - 1
    return imagenet_images.normalise(images_bchw)

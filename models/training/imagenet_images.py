"""Images as torchvision's ImageNet weights expect them."""

import torch
from torch import Tensor

MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)


def normalise(images_bchw: Tensor) -> Tensor:
    """Float images in 0..1, also a single one [3, h, w], with ImageNet's mean and deviation taken out."""
    mean, deviation = (
        torch.tensor(values, dtype=images_bchw.dtype, device=images_bchw.device).view(3, 1, 1)
        for values in (MEAN_RGB, STD_RGB)
    )
    return (images_bchw - mean) / deviation

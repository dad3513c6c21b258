"""Changes through which discriminators look at all images, so that few real ones do not get learnt by heart.

DiffAugment (Zhao et al. 2020): the same family of changes for real and generated images, differentiable, never part of
the generators' output. Each change is a function of uniform numbers in 0..1 [b, NUMBERS].
"""

from collections.abc import Sequence

import torch
from torch import Tensor

NUMBERS = 5  # brightness, saturation, contrast, shift down, shift right
_LARGEST_SHIFT = 1 / 8  # of the image's side


def augment(images_bchw: Tensor, numbers: Tensor, kinds: Sequence[str]) -> Tensor:
    """The images in other colours and shifted, as `kinds` says.

    Every three channels are an image, and all of them change alike; what is left, attention, is only shifted.
    """
    if "color" in kinds:
        parts = images_bchw.split(3, 1)
        recolored = [_recolor(part, numbers[:, :3]) if part.shape[1] == 3 else part for part in parts]
        images_bchw = torch.cat(recolored, 1)
    return _shift(images_bchw, numbers[:, 3:]) if "translation" in kinds else images_bchw


def _recolor(images_b3hw: Tensor, numbers: Tensor) -> Tensor:
    brightness, saturation, contrast = (column.view(-1, 1, 1, 1) for column in numbers.unbind(1))
    images_b3hw = images_b3hw + (brightness - 0.5)
    grey = images_b3hw.mean(1, keepdim=True)
    images_b3hw = grey + (images_b3hw - grey) * (2 * saturation)
    mean = images_b3hw.mean((1, 2, 3), keepdim=True)
    return mean + (images_b3hw - mean) * (contrast + 0.5)


def _shift(images_bchw: Tensor, numbers: Tensor) -> Tensor:
    """Moved by whole pixels, up to an eighth of the side each way; what comes in from outside is 0."""
    batch, _, height, width = images_bchw.shape
    rows, has_row = _shifted_indices(numbers[:, 0], height)
    columns, has_column = _shifted_indices(numbers[:, 1], width)
    index = torch.arange(batch, device=images_bchw.device).view(-1, 1, 1)
    moved = images_bchw.permute(0, 2, 3, 1)[index, rows[:, :, None], columns[:, None, :]]
    return (moved * (has_row[:, :, None] & has_column[:, None, :])[..., None]).permute(0, 3, 1, 2)


def _shifted_indices(numbers: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """For every pixel of a side the index that it is taken from [b, side], and whether that lies inside."""
    largest = int(side * _LARGEST_SHIFT + 0.5)
    shifts = (numbers * (2 * largest + 1)).long() - largest
    source = torch.arange(side, device=numbers.device) - shifts[:, None]
    return source.clamp(0, side - 1), (source >= 0) & (source < side)

"""Sets of images as training and monitoring take from them: whole on the device, or read when they are asked for."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import send
from models.translation.sources import Source

_PART = 64  # images that are read at once


class StreamedImages:
    """Images of a source, bchw as they are stored; only those that are asked for come to the device."""

    def __init__(self, source: Source, device: torch.device) -> None:
        self._source = source
        self.device = device

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, indices: Sequence[int] | Tensor) -> Tensor:
        return send(to_bchw(self._source.read(np.asarray(indices))), self.device)


ImageSet = Tensor | StreamedImages  # [n, c, h, w], uint8 or float16


def load_whole(source: Source, device: torch.device) -> Tensor:
    """All images of a source, bchw on the device, a part at a time: the host holds no second copy of them."""
    first = to_bchw(source.read(np.array([0])))
    images = torch.empty((len(source), *first.shape[1:]), dtype=first.dtype, device=device)
    for start in range(0, len(source), _PART):
        part = to_bchw(source.read(np.arange(start, min(start + _PART, len(source)))))
        images[start : start + _PART].copy_(part)
    return images


def take(images: ImageSet, chosen: Tensor) -> Tensor:
    """The images at `chosen`, indices on the host, on the set's device."""
    return images[send(chosen, images.device) if isinstance(images, Tensor) else chosen]


def to_bchw(array: np.ndarray) -> Tensor:
    """Images [n, h, w, c] or maps [n, h, w] as a tensor [n, c, h, w]; maps have one channel."""
    array = array if array.ndim == 4 else array[..., None]
    return torch.from_numpy(np.ascontiguousarray(array)).permute(0, 3, 1, 2).contiguous()

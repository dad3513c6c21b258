"""A memory of generated images, from which the discriminator learns (Shrivastava et al.; thesis section
2.7).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class ImagePool:
    """Up to `capacity` earlier generated images [c, h, w]."""

    def __init__(self, capacity: int, images: Sequence[Tensor] = ()) -> None:
        self.capacity = capacity
        self.images = list(images)

    def exchange(self, fakes_bchw: Tensor, rng: np.random.Generator) -> Tensor:
        """A batch for the discriminator: each image is, in a full pool, exchanged for an old one every
        second time.
        """
        fakes_bchw = fakes_bchw.detach()
        if self.capacity == 0:
            return fakes_bchw
        return torch.stack([self._exchange_one(fake, rng) for fake in fakes_bchw])

    def _exchange_one(self, fake: Tensor, rng: np.random.Generator) -> Tensor:
        if len(self.images) < self.capacity:
            self.images.append(fake.clone())
            return fake
        if rng.random() < 0.5:
            return fake
        slot = int(rng.integers(self.capacity))
        old, self.images[slot] = self.images[slot], fake.clone()
        return old

"""A memory of generated images, from which the discriminator learns (Shrivastava et al.; thesis section
2.7).
"""

import numpy as np
import torch
from torch import Tensor


def plan_exchange(step: int, *, batch_size: int, capacity: int, rng: np.random.Generator) -> np.ndarray:
    """int64 [batch, 2]: the place of the pool that each image of step `step` (counted from 0) is written to, and
    whether what was there is returned instead of the image.

    A pool that is not full takes every image; in a full one, each is exchanged for an old one every second time. Place
    `capacity` is written to by images that are not kept.
    """
    plan = []
    for number in range(step * batch_size, (step + 1) * batch_size):
        if number < capacity:
            plan.append((number, False))
        elif capacity == 0 or rng.random() < 0.5:
            plan.append((capacity, False))
        else:
            plan.append((int(rng.integers(capacity)), True))
    return np.array(plan, dtype=np.int64)


class ImagePool:
    """Up to `capacity` earlier generated images [c, h, w], and a last place for those that are not kept."""

    def __init__(self, capacity: int, images: Tensor | None = None) -> None:
        self.capacity = capacity
        self.images = images

    def exchange(self, fakes_bchw: Tensor, plan: Tensor) -> Tensor:
        """The batch for the discriminator, after a plan of `plan_exchange` on the images' device."""
        fakes_bchw = fakes_bchw.detach()
        if self.images is None:
            self.images = fakes_bchw.new_zeros((self.capacity + 1, *fakes_bchw.shape[1:]))
        returned = []
        for fake, (place, returns_old) in zip(fakes_bchw.split(1), plan, strict=True):
            place = place.view(1)
            old = self.images.index_select(0, place)
            self.images.index_copy_(0, place, fake)
            returned.append(torch.where(returns_old.bool(), old, fake))
        return torch.cat(returned)

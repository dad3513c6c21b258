"""EDSR (Lim et al. 2017): residual blocks without norms, and pixel shuffles (Shi et al. 2016) at the end.

Shapes: b batch, h x w pixels before; images are floats in -1..1.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.soiling.super_resolution.config import FACTOR, SuperResolutionConfig

_PEAK = 2.0  # of images in -1..1


class EDSR(nn.Module):
    """Images [b, 3, h, w] at [b, 3, 4 h, 4 w].

    Unlike the paper's it adds what it finds to the bicubic image, and starts with nothing to add: a short training
    begins where interpolation ends.
    """

    def __init__(self, config: SuperResolutionConfig) -> None:
        super().__init__()
        filters = config.filters
        self.first = nn.Conv2d(3, filters, 3, padding=1)
        self.blocks = nn.Sequential(*(_Block(filters) for _ in range(config.blocks)))
        self.last = nn.Conv2d(filters, filters, 3, padding=1)
        self.enlargement = nn.Sequential(*_doubling(filters), *_doubling(filters))
        self.output = nn.Conv2d(filters, 3, 3, padding=1)
        assert self.output.bias is not None
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, images_bchw: Tensor) -> Tensor:
        maps = self.first(images_bchw)
        maps = maps + self.last(self.blocks(maps))
        return self.output(self.enlargement(maps)) + enlarge_bicubic(images_bchw)


class _Block(nn.Module):
    def __init__(self, filters: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 3, padding=1),
        )

    def forward(self, maps_bchw: Tensor) -> Tensor:
        return maps_bchw + self.layers(maps_bchw)


def enlarge_bicubic(images_bchw: Tensor) -> Tensor:
    """[b, c, 4 h, 4 w], float32: what U is measured against."""
    return functional.interpolate(
        images_bchw.float(), scale_factor=FACTOR, mode="bicubic", align_corners=False
    )


def reduce_images(images_bchw: Tensor) -> Tensor:
    """A quarter of width and height, multiples of 4: bicubic with antialiasing, in -1..1."""
    reduced = functional.interpolate(
        images_bchw.float(),
        size=(images_bchw.shape[-2] // FACTOR, images_bchw.shape[-1] // FACTOR),
        mode="bicubic",
        align_corners=False,
        antialias=True,
    )
    return reduced.clamp(-1, 1)


def psnr_db(images_bchw: Tensor, others_bchw: Tensor) -> Tensor:
    """Peak signal-to-noise ratio [b] over all pixels and colours of images in -1..1, clipped; infinite for equal ones."""
    error = (images_bchw.float().clamp(-1, 1) - others_bchw.float().clamp(-1, 1)).square()
    return 10 * torch.log10(_PEAK**2 / error.flatten(1).mean(1))


def _doubling(filters: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(filters, 4 * filters, 3, padding=1), nn.PixelShuffle(2)

"""The encoder and the decoder of masks (Kingma and Welling 2014), as strided convolutions.

Shapes: b batch, s side of a mask in pixels, z numbers of a code.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from models.soiling.mask_vae.config import HALVINGS, MaskVaeConfig

_WIDEST = 8  # times `filters`


@dataclass(frozen=True)
class Posterior:
    """The normal distribution of a mask's code: means and logarithms of variances [b, z]."""

    mean_bz: Tensor
    log_variance_bz: Tensor

    def draw(self) -> Tensor:
        """Codes [b, z] by the reparametrisation: mean + deviation x a normal number of torch's own."""
        deviation = (0.5 * self.log_variance_bz).exp()
        return self.mean_bz + deviation * torch.randn_like(deviation)


class MaskVae(nn.Module):
    """Masks float [b, 1, s, s] in 0..1 to posteriors, and codes [b, z] to logits of masks."""

    def __init__(self, config: MaskVaeConfig) -> None:
        super().__init__()
        widths = [1, *(config.filters * min(2**level, _WIDEST) for level in range(HALVINGS))]
        self.side = config.size_px // 2**HALVINGS
        self.encoder = nn.Sequential(*(_halving(*pair) for pair in pairwise(widths)))
        self.posterior = nn.Linear(widths[-1] * self.side**2, 2 * config.codes)
        self.start = nn.Linear(config.codes, widths[-1] * self.side**2)
        self.decoder = nn.Sequential(*(_doubling(*pair) for pair in pairwise(widths[:0:-1])))
        self.output = nn.ConvTranspose2d(widths[1], 1, 4, stride=2, padding=1)

    def forward(self, masks_b1ss: Tensor) -> tuple[Tensor, Posterior]:
        """Logits of what is decoded of a drawn code, and the posterior that it was drawn from."""
        posterior = self.encode(masks_b1ss)
        return self.decode(posterior.draw()), posterior

    def encode(self, masks_b1ss: Tensor) -> Posterior:
        mean, log_variance = self.posterior(self.encoder(masks_b1ss).flatten(1)).float().chunk(2, dim=1)
        return Posterior(mean, log_variance)

    def decode(self, codes_bz: Tensor) -> Tensor:
        """Logits [b, 1, s, s], float32."""
        maps = self.start(codes_bz).unflatten(1, (-1, self.side, self.side))
        return self.output(self.decoder(maps)).float()


def _halving(channels_in: int, channels_out: int) -> nn.Sequential:
    convolution = nn.Conv2d(channels_in, channels_out, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels_out), nn.LeakyReLU(0.2, inplace=True))


def _doubling(channels_in: int, channels_out: int) -> nn.Sequential:
    convolution = nn.ConvTranspose2d(channels_in, channels_out, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels_out), nn.ReLU(inplace=True))

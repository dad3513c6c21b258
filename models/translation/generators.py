"""Networks that turn an image of one domain into an image of the other.

Shapes: b batch, c channels, h height, w width; images are bchw in -1..1.
"""

import torch
from torch import Tensor, nn

from models.translation.config import GeneratorConfig


def normalised(convolution: nn.Module, channels: int) -> tuple[nn.Module, ...]:
    """Convolution, instance norm (no affine, Table 2.2) and ReLU."""
    return convolution, nn.InstanceNorm2d(channels), nn.ReLU(inplace=True)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with instance norm around which the input is added (Fig. 2.16)."""

    def __init__(self, channels: int, *, has_bias: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1),
            *normalised(nn.Conv2d(channels, channels, 3, bias=has_bias), channels),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=has_bias),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, features_bchw: Tensor) -> Tensor:
        return features_bchw + self.layers(features_bchw)


class ResnetGenerator(nn.Module):
    """Generator of Table 2.2 (Johnson et al.): encoder, `blocks` residual blocks, decoder; h and w multiples
    of 4.

    Table 2.2 prints a ReLU behind the last layer; images have negative values, so it is tanh as in the
    CycleGAN paper.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        width, has_bias = config.filters, config.has_bias_before_norm
        self.has_skip = config.has_skip
        self.encoder = _encoder(width, has_bias=has_bias)
        self.transformer = nn.Sequential(
            *(ResidualBlock(4 * width, has_bias=has_bias) for _ in range(config.blocks))
        )
        self.decoder = _decoder(width, has_bias=has_bias)

    def forward(self, image_bchw: Tensor) -> Tensor:
        output = self.decoder(self.transformer(self.encoder(image_bchw)))
        return torch.tanh(output + image_bchw if self.has_skip else output)


def _encoder(width: int, *, has_bias: bool) -> nn.Sequential:
    return nn.Sequential(
        nn.ReflectionPad2d(3),
        *normalised(nn.Conv2d(3, width, 7, bias=has_bias), width),
        *normalised(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=has_bias), 2 * width),
        *normalised(nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1, bias=has_bias), 4 * width),
    )


def _decoder(width: int, *, has_bias: bool) -> nn.Sequential:
    return nn.Sequential(
        *normalised(_double(4 * width, 2 * width, has_bias=has_bias), 2 * width),
        *normalised(_double(2 * width, width, has_bias=has_bias), width),
        nn.ReflectionPad2d(3),
        nn.Conv2d(width, 3, 7),
    )


def _double(channels_in: int, channels_out: int, *, has_bias: bool) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(
        channels_in, channels_out, 3, stride=2, padding=1, output_padding=1, bias=has_bias
    )

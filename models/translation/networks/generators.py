"""Networks that turn an image of one domain into an image of the other.

Shapes: b batch, c channels, h height, w width; images are bchw in -1..1.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from models.translation.networks.configs import GeneratorConfig, Upsampling
from models.translation.networks.norms import InstanceNorm


def normalised(convolution: nn.Module, channels: int) -> tuple[nn.Module, ...]:
    """Convolution, instance norm (no affine, Table 2.2) and ReLU."""
    return convolution, InstanceNorm(channels), nn.ReLU(inplace=True)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with instance norm around which the input is added (Fig. 2.16)."""

    def __init__(self, channels: int, *, has_bias: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1),
            *normalised(nn.Conv2d(channels, channels, 3, bias=has_bias), channels),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=has_bias),
            InstanceNorm(channels),
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
        has_bias = config.has_bias_before_norm
        widths = [config.filters * 2**level for level in range(config.downsamplings + 1)]
        self.has_skip = config.has_skip
        self.feature_widths = [3, *widths[1:], *[widths[-1]] * len({1, min(5, config.blocks)})]
        self.encoder = _encoder(widths, has_bias=has_bias)
        self.transformer = nn.Sequential(
            *(ResidualBlock(widths[-1], has_bias=has_bias) for _ in range(config.blocks))
        )
        self.decoder = _decoder(widths, config.upsampling, has_bias=has_bias)

    def forward(self, image_bchw: Tensor) -> Tensor:
        output = self.decoder(self.transformer(self.encoder(image_bchw)))
        return torch.tanh(output + image_bchw if self.has_skip else output)

    def features(self, image_bchw: Tensor) -> list[Tensor]:
        """What CUT compares: the image, each downsampling convolution's output, residual blocks 1 and 5 (or
        the last); their channels are `feature_widths`.
        """
        taps, values = [image_bchw], image_bchw
        for layer in self.encoder:
            values = layer(values)
            if isinstance(layer, nn.Conv2d) and layer.stride == (2, 2):
                taps.append(values)
        compared = {1, min(5, len(self.transformer))}
        for number, block in enumerate(self.transformer[: max(compared)], start=1):
            values = block(values)
            if number in compared:
                taps.append(values)
        return taps


class AttentionNetwork(nn.Module):
    """Attention of AGGAN (Mejjati et al. 2018): where an image may change, [b, 1, h, w] in 0..1; h and w
    multiples of 4.

    The paper lists one stride and two upsamplings, which do not fit together: the first convolution has a stride too.
    """

    def __init__(self, filters: int) -> None:
        super().__init__()
        wide = 2 * filters
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(3),
            *normalised(nn.Conv2d(3, filters, 7, stride=2, bias=False), filters),
            *normalised(nn.Conv2d(filters, wide, 3, stride=2, padding=1, bias=False), wide),
            ResidualBlock(wide, has_bias=False),
            *_resized(wide, wide, has_bias=False),
            *_resized(wide, filters, has_bias=False),
            nn.ReflectionPad2d(3),
            nn.Conv2d(filters, 1, 7),
        )

    def forward(self, image_bchw: Tensor) -> Tensor:
        return torch.sigmoid(self.layers(image_bchw))


def _encoder(widths: list[int], *, has_bias: bool) -> nn.Sequential:
    downs = [
        layer
        for width, wider in pairwise(widths)
        for layer in normalised(nn.Conv2d(width, wider, 3, stride=2, padding=1, bias=has_bias), wider)
    ]
    return nn.Sequential(
        nn.ReflectionPad2d(3), *normalised(nn.Conv2d(3, widths[0], 7, bias=has_bias), widths[0]), *downs
    )


def _decoder(widths: list[int], upsampling: Upsampling, *, has_bias: bool) -> nn.Sequential:
    doubled = _resized if upsampling == "resize" else _fractionally_strided
    ups = [
        layer
        for wider, width in zip(widths[:0:-1], widths[-2::-1], strict=True)
        for layer in doubled(wider, width, has_bias=has_bias)
    ]
    return nn.Sequential(*ups, nn.ReflectionPad2d(3), nn.Conv2d(widths[0], 3, 7))


def _fractionally_strided(channels_in: int, channels_out: int, *, has_bias: bool) -> tuple[nn.Module, ...]:
    convolution = nn.ConvTranspose2d(
        channels_in, channels_out, 3, stride=2, padding=1, output_padding=1, bias=has_bias
    )
    return normalised(convolution, channels_out)


def _resized(channels_in: int, channels_out: int, *, has_bias: bool) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(channels_in, channels_out, 3, bias=has_bias)
    return (
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.ReflectionPad2d(1),
        *normalised(convolution, channels_out),
    )

"""Networks that turn an image of one domain into an image of the other.

Shapes: b batch, c channels, h height, w width; images are bchw in -1..1.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from models.configs import require
from models.translation.networks.configs import GeneratorConfig, GeneratorNorm
from models.translation.networks.norms import BatchNorm, InstanceNorm


def normalised(
    convolution: nn.Module, channels: int, norm: GeneratorNorm = "instance"
) -> tuple[nn.Module, ...]:
    """Convolution, norm (instance norm without affine in Table 2.2) and ReLU."""
    return convolution, _norm(norm, channels), nn.ReLU(inplace=True)


def _norm(norm: GeneratorNorm, channels: int) -> nn.Module:
    return InstanceNorm(channels) if norm == "instance" else BatchNorm(channels)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with a norm each around which the input is added (Fig. 2.16).

    Dropout stands between them, as in CycleGAN's published code.
    """

    def __init__(
        self, channels: int, *, has_bias: bool, norm: GeneratorNorm = "instance", dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1),
            *normalised(nn.Conv2d(channels, channels, 3, bias=has_bias), channels, norm),
            *([nn.Dropout(dropout)] if dropout > 0 else []),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=has_bias),
            _norm(norm, channels),
        )

    def forward(self, features_bchw: Tensor) -> Tensor:
        return features_bchw + self.layers(features_bchw)


class ResnetGenerator(nn.Module):
    """Generator of Table 2.2 (Johnson et al.): encoder, `blocks` residual blocks, decoder; h and w multiples
    of 4.

    Table 2.2 prints a ReLU behind the last layer; images have negative values, so it is tanh as in the
    CycleGAN paper. ValueError where a skip connection joins images of different numbers of channels.
    """

    def __init__(self, config: GeneratorConfig, channels_in: int = 3, channels_out: int = 3) -> None:
        super().__init__()
        require(
            not config.has_skip or channels_in == channels_out,
            f"generator.has_skip adds the input to the output, but they have {channels_in} and {channels_out} channels; "
            "set has_skip: false.",
        )
        widths = [config.filters * 2**level for level in range(config.downsamplings + 1)]
        self.has_skip = config.has_skip
        self.feature_widths = [channels_in, *widths[1:], *[widths[-1]] * len({1, min(5, config.blocks)})]
        self.encoder = _encoder(widths, channels_in, config)
        self.transformer = nn.Sequential(*(_block(widths[-1], config) for _ in range(config.blocks)))
        self.decoder = _decoder(widths, channels_out, config)

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

    def __init__(self, filters: int, channels: int = 3) -> None:
        super().__init__()
        wide = 2 * filters
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(3),
            *normalised(nn.Conv2d(channels, filters, 7, stride=2, bias=False), filters),
            *normalised(nn.Conv2d(filters, wide, 3, stride=2, padding=1, bias=False), wide),
            ResidualBlock(wide, has_bias=False),
            *_resized(wide, wide, has_bias=False),
            *_resized(wide, filters, has_bias=False),
            nn.ReflectionPad2d(3),
            nn.Conv2d(filters, 1, 7),
        )

    def forward(self, image_bchw: Tensor) -> Tensor:
        return torch.sigmoid(self.layers(image_bchw))


def _block(channels: int, config: GeneratorConfig) -> ResidualBlock:
    return ResidualBlock(
        channels, has_bias=config.has_bias_before_norm, norm=config.norm, dropout=config.dropout
    )


def _encoder(widths: list[int], channels: int, config: GeneratorConfig) -> nn.Sequential:
    has_bias, norm = config.has_bias_before_norm, config.norm
    downs = [
        layer
        for width, wider in pairwise(widths)
        for layer in normalised(nn.Conv2d(width, wider, 3, stride=2, padding=1, bias=has_bias), wider, norm)
    ]
    first = normalised(nn.Conv2d(channels, widths[0], 7, bias=has_bias), widths[0], norm)
    return nn.Sequential(nn.ReflectionPad2d(3), *first, *downs)


def _decoder(widths: list[int], channels: int, config: GeneratorConfig) -> nn.Sequential:
    doubled = _resized if config.upsampling == "resize" else _fractionally_strided
    ups = [
        layer
        for wider, width in zip(widths[:0:-1], widths[-2::-1], strict=True)
        for layer in doubled(wider, width, has_bias=config.has_bias_before_norm, norm=config.norm)
    ]
    return nn.Sequential(*ups, nn.ReflectionPad2d(3), nn.Conv2d(widths[0], channels, 7))


def _fractionally_strided(
    channels_in: int, channels_out: int, *, has_bias: bool, norm: GeneratorNorm = "instance"
) -> tuple[nn.Module, ...]:
    convolution = nn.ConvTranspose2d(
        channels_in, channels_out, 3, stride=2, padding=1, output_padding=1, bias=has_bias
    )
    return normalised(convolution, channels_out, norm)


def _resized(
    channels_in: int, channels_out: int, *, has_bias: bool, norm: GeneratorNorm = "instance"
) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(channels_in, channels_out, 3, bias=has_bias)
    return (
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.ReflectionPad2d(1),
        *normalised(convolution, channels_out, norm),
    )

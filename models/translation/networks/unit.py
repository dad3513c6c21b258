"""The coders of UNIT (Liu et al. 2017): images to codes that both domains share, and back.

Shapes: b batch, c channels, h height, w width; images are bchw in -1..1, codes [b, 4 filters, h / 4, w / 4]. All
convolutions have a bias, also those that an instance norm removes it from again, as the published counts have.
"""

from torch import Tensor, nn

from models.translation.networks.configs import UnitGeneratorConfig
from models.translation.networks.generators import ResidualBlock

_SLOPE = 0.2  # of the leaky ReLUs below 0


class UnitEncoder(nn.Module):
    """What a domain has of its own before the shared block: three convolutions without norm, `blocks` residual blocks.

    h and w are multiples of 4.
    """

    def __init__(self, config: UnitGeneratorConfig, channels: int = 3) -> None:
        super().__init__()
        width = config.filters
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(3),
            *_rectified(nn.Conv2d(channels, width, 7)),
            *_rectified(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)),
            *_rectified(nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1)),
            *(code_block(config) for _ in range(config.blocks)),
        )

    def forward(self, image_bchw: Tensor) -> Tensor:
        return self.layers(image_bchw)


class UnitDecoder(nn.Module):
    """What a domain has of its own behind the shared block: `blocks` residual blocks, three transposed convolutions."""

    def __init__(self, config: UnitGeneratorConfig, channels: int = 3) -> None:
        super().__init__()
        width = config.filters
        self.layers = nn.Sequential(
            *(code_block(config) for _ in range(config.blocks)),
            *_rectified(_doubling(4 * width, 2 * width)),
            *_rectified(_doubling(2 * width, width)),
            nn.ConvTranspose2d(width, channels, 1),
        )

    def forward(self, code_bchw: Tensor) -> Tensor:
        return self.layers(code_bchw).tanh()


def code_block(config: UnitGeneratorConfig) -> ResidualBlock:
    """A residual block at a code's width; both domains share the one that ends their encoders and begins their decoders."""
    return ResidualBlock(config.code_channels, has_bias=True, dropout=config.dropout)


def _rectified(convolution: nn.Module) -> tuple[nn.Module, ...]:
    return convolution, nn.LeakyReLU(_SLOPE, inplace=True)


def _doubling(channels_in: int, channels_out: int) -> nn.Module:
    return nn.ConvTranspose2d(channels_in, channels_out, 3, stride=2, padding=1, output_padding=1)

"""Networks that judge, patch by patch, whether an image belongs to a domain."""

from collections.abc import Iterable
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from models.configs import require
from models.translation.images import SMALLEST_SIDE_PX
from models.translation.networks.configs import DiscriminatorConfig, UnitDiscriminatorConfig
from models.translation.networks.norms import InstanceNorm

# A side of 8 is 1 px before the last halving, where torch 2.15 takes a 3 x 3 convolution's gradient in bf16 on a CPU from
# memory that nobody wrote.
_SMALLEST_STRIDED_PX = 9


class PatchDiscriminator(nn.Module):
    """Discriminator of Table 2.3: four 4 x 4 convolutions with leaky ReLU, instance norm in all but the
    first.
    """

    def __init__(self, config: DiscriminatorConfig, channels: int = 3) -> None:
        super().__init__()
        width = config.filters
        self.layers = nn.ModuleList(
            (
                _Layer(channels, width, stride=2, has_norm=False),
                _Layer(width, 2 * width, stride=2, has_norm=config.norm == "instance"),
                _Layer(2 * width, 4 * width, stride=2, has_norm=config.norm == "instance"),
                _Layer(4 * width, 8 * width, stride=config.last_stride, has_norm=config.norm == "instance"),
            )
        )
        self.prediction = nn.Conv2d(8 * width, 1, 4, padding=1)
        if config.has_spectral_norm:
            for module in list(self.modules()):
                if isinstance(module, nn.Conv2d):
                    spectral_norm(module)

    def features(self, image_bchw: Tensor, *, has_norm: bool = True) -> list[Tensor]:
        """Activations of the four layers, the first at half the image's size (d_j of Eq. 2.21)."""
        activations = []
        for layer in self.layers:
            image_bchw = layer(image_bchw, has_norm=has_norm)
            activations.append(image_bchw)
        return activations

    def forward(self, image_bchw: Tensor, *, has_norm: bool = True) -> Tensor:
        """A map [b, 1, h', w'] of raw scores, high for real; `has_norm=False` leaves the norms out (AGGAN)."""
        return self.prediction(self.features(image_bchw, has_norm=has_norm)[-1])


class StridedDiscriminator(nn.Module):
    """Discriminator of UNIT (Liu et al. 2017): four 3 x 3 convolutions that halve the image, leaky ReLU, no norm."""

    def __init__(self, filters: int, channels: int = 3) -> None:
        super().__init__()
        widths = [channels, *(filters * 2**level for level in range(4))]
        layers = [
            layer
            for width, wider in pairwise(widths)
            for layer in (nn.Conv2d(width, wider, 3, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True))
        ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 1))

    def forward(self, image_bchw: Tensor) -> Tensor:
        """A map [b, 1, ceil(h / 16), ceil(w / 16)] of raw scores, high for real."""
        return self.layers(image_bchw)


class ScaledDiscriminators(nn.Module):
    """A discriminator each for the image reduced by every factor of `scales` (Wang et al. 2018; UNIT)."""

    def __init__(
        self, discriminators: Iterable[nn.Module], scales: tuple[int, ...], *, smallest_side_px: int
    ) -> None:
        super().__init__()
        self.scales = scales
        self.smallest_side_px = smallest_side_px
        self.discriminators = nn.ModuleList(discriminators)

    def features(self, image_bchw: Tensor, *, has_norm: bool = True) -> list[Tensor]:
        """Activations of the first scale's four layers."""
        first = self.discriminators[0]
        assert isinstance(first, PatchDiscriminator)
        return first.features(_reduced(image_bchw, self.scales[0]), has_norm=has_norm)

    def forward(self, image_bchw: Tensor, **how: bool) -> list[Tensor]:
        """A map of raw scores [b, 1, h', w'] of each scale; ValueError where the smallest image leaves no patch.

        `how` is handed on to every discriminator.
        """
        smallest = min(image_bchw.shape[2:]) // max(self.scales)
        require(
            smallest >= self.smallest_side_px,
            f"discriminator.scales has {max(self.scales)}, which leaves {smallest} px of the image's side, but a "
            f"discriminator needs {self.smallest_side_px}; take larger images, or fewer scales.",
        )
        return [
            discriminator(_reduced(image_bchw, scale), **how)
            for scale, discriminator in zip(self.scales, self.discriminators, strict=True)
        ]


def build_discriminator(
    config: DiscriminatorConfig, channels: int
) -> PatchDiscriminator | ScaledDiscriminators:
    """One patch discriminator where it looks at whole images alone, else one for each scale."""
    if config.scales == (1,):
        return PatchDiscriminator(config, channels)
    patches = (PatchDiscriminator(config, channels) for _ in config.scales)
    return ScaledDiscriminators(patches, config.scales, smallest_side_px=SMALLEST_SIDE_PX)


def build_strided_discriminators(config: UnitDiscriminatorConfig, channels: int) -> ScaledDiscriminators:
    """One for each scale."""
    strided = (StridedDiscriminator(config.filters, channels) for _ in config.scales)
    return ScaledDiscriminators(strided, config.scales, smallest_side_px=_SMALLEST_STRIDED_PX)


def _reduced(image_bchw: Tensor, scale: int) -> Tensor:
    """Means of scale x scale pixels."""
    return image_bchw if scale == 1 else functional.avg_pool2d(image_bchw, scale)


class _Layer(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, *, stride: int, has_norm: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels_in, channels_out, 4, stride=stride, padding=1)
        self.norm = InstanceNorm(channels_out) if has_norm else nn.Identity()
        self.activation = nn.LeakyReLU(0.2, inplace=True)

    def forward(self, features_bchw: Tensor, *, has_norm: bool) -> Tensor:
        features_bchw = self.convolution(features_bchw)
        return self.activation(self.norm(features_bchw) if has_norm else features_bchw)

"""Networks that judge, patch by patch, whether an image belongs to a domain."""

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from models.configs import require
from models.translation.images import SMALLEST_SIDE_PX
from models.translation.networks.configs import DiscriminatorConfig
from models.translation.networks.norms import InstanceNorm


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


class ScaledDiscriminators(nn.Module):
    """A patch discriminator each for the image reduced by every factor of `config.scales` (Wang et al. 2018; UNIT)."""

    def __init__(self, config: DiscriminatorConfig, channels: int = 3) -> None:
        super().__init__()
        self.scales = config.scales
        self.discriminators = nn.ModuleList(PatchDiscriminator(config, channels) for _ in config.scales)

    def features(self, image_bchw: Tensor, *, has_norm: bool = True) -> list[Tensor]:
        """Activations of the first scale's four layers."""
        first = self.discriminators[0]
        assert isinstance(first, PatchDiscriminator)
        return first.features(_reduced(image_bchw, self.scales[0]), has_norm=has_norm)

    def forward(self, image_bchw: Tensor, *, has_norm: bool = True) -> list[Tensor]:
        """A map of raw scores [b, 1, h', w'] of each scale; ValueError where the smallest image leaves no patch."""
        smallest = min(image_bchw.shape[2:]) // max(self.scales)
        require(
            smallest >= SMALLEST_SIDE_PX,
            f"discriminator.scales has {max(self.scales)}, which leaves {smallest} px of the image's side, but a "
            f"discriminator needs {SMALLEST_SIDE_PX}; take larger images, or fewer scales.",
        )
        return [
            discriminator(_reduced(image_bchw, scale), has_norm=has_norm)
            for scale, discriminator in zip(self.scales, self.discriminators, strict=True)
        ]


def build_discriminator(
    config: DiscriminatorConfig, channels: int
) -> PatchDiscriminator | ScaledDiscriminators:
    """One patch discriminator where it looks at whole images alone, else one for each scale."""
    kind = PatchDiscriminator if config.scales == (1,) else ScaledDiscriminators
    return kind(config, channels)


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

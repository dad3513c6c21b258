"""Networks that judge, patch by patch, whether an image belongs to a domain."""

from torch import Tensor, nn

from models.translation.config import DiscriminatorConfig


class PatchDiscriminator(nn.Module):
    """Discriminator of Table 2.3: four 4 x 4 convolutions with leaky ReLU, instance norm in all but the
    first.
    """

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        width = config.filters
        self.layers = nn.ModuleList(
            (
                nn.Sequential(nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)),
                _layer(width, 2 * width, stride=2),
                _layer(2 * width, 4 * width, stride=2),
                _layer(4 * width, 8 * width, stride=config.last_stride),
            )
        )
        self.prediction = nn.Conv2d(8 * width, 1, 4, padding=1)

    def features(self, image_bchw: Tensor) -> list[Tensor]:
        """Activations of the four layers, the first at half the image's size (d_j of Eq. 2.21)."""
        activations = []
        for layer in self.layers:
            image_bchw = layer(image_bchw)
            activations.append(image_bchw)
        return activations

    def forward(self, image_bchw: Tensor) -> Tensor:
        """A map [b, 1, h', w'] of raw scores: 1 is real, 0 is generated (least squares, no sigmoid)."""
        return self.prediction(self.features(image_bchw)[-1])


def _layer(channels_in: int, channels_out: int, *, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 4, stride=stride, padding=1),
        nn.InstanceNorm2d(channels_out),
        nn.LeakyReLU(0.2, inplace=True),
    )

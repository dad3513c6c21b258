"""ERFNet (Romera et al. 2018, table I): factorised residual blocks, for labels from images or images from labels."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.segmentation.networks.resizing import cut_maps

NORM_EPSILON = 1e-3
ENCODER_DROPOUT = (0.03, 0.3)  # of the blocks at a quarter and at an eighth of the size
DILATIONS = (2, 4, 8, 16)


class Downsampler(nn.Module):
    """Halves the size, rounded up: a 3 x 3 convolution beside max pooling, whose maps are joined."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(in_channels, out_channels - in_channels, 3, stride=2, padding=1)
        self.pooling = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.norm = nn.BatchNorm2d(out_channels, eps=NORM_EPSILON)

    def forward(self, maps_bchw: Tensor) -> Tensor:
        joined = torch.cat((self.convolution(maps_bchw), self.pooling(maps_bchw)), dim=1)
        return functional.relu_(self.norm(joined))


class NonBottleneck1d(nn.Module):
    """A residual block of two 3 x 3 convolutions, each of them factorised into 3 x 1 and 1 x 3; the second is dilated."""

    def __init__(self, channels: int, *, dropout: float = 0.0, dilation: int = 1) -> None:
        super().__init__()
        self.first = _factorised(channels, dilation=1)
        self.first_norm = nn.BatchNorm2d(channels, eps=NORM_EPSILON)
        self.second = _factorised(channels, dilation=dilation)
        self.second_norm = nn.BatchNorm2d(channels, eps=NORM_EPSILON)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, maps_bchw: Tensor) -> Tensor:
        residual = functional.relu_(self.first_norm(self.first(maps_bchw)))
        residual = self.dropout(self.second_norm(self.second(residual)))
        return functional.relu_(residual + maps_bchw)


class Upsampler(nn.Module):
    """Doubles the size by a 3 x 3 transposed convolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.convolution = nn.ConvTranspose2d(
            in_channels, out_channels, 3, stride=2, padding=1, output_padding=1
        )
        self.norm = nn.BatchNorm2d(out_channels, eps=NORM_EPSILON)

    def forward(self, maps_bchw: Tensor) -> Tensor:
        return functional.relu_(self.norm(self.convolution(maps_bchw)))


class ERFNet(nn.Module):
    """Maps [b, out_channels, h, w] of maps [b, in_channels, h, w] of any size.

    `filters`: channels at a half, a quarter and an eighth of the size. A Downsampler keeps its input among its maps, so
    that the first must be more than `in_channels`: labels in need 32. The decoder's last maps are 16 in any case.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, filters: tuple[int, int, int] = (16, 64, 128)
    ) -> None:
        super().__init__()
        half, quarter, eighth = filters
        if half <= in_channels:
            raise ValueError(
                f"ERFNet's first filters must be more than its {in_channels} input channels, but were {half}; "
                f"give {2 * in_channels}, for instance."
            )
        self.encoder = nn.Sequential(
            Downsampler(in_channels, half),
            Downsampler(half, quarter),
            *(NonBottleneck1d(quarter, dropout=ENCODER_DROPOUT[0]) for _ in range(5)),
            Downsampler(quarter, eighth),
            *(
                NonBottleneck1d(eighth, dropout=ENCODER_DROPOUT[1], dilation=dilation)
                for dilation in 2 * DILATIONS
            ),
        )
        last = quarter // 4
        self.decoder = nn.Sequential(
            Upsampler(eighth, quarter),
            *(NonBottleneck1d(quarter) for _ in range(2)),
            Upsampler(quarter, last),
            *(NonBottleneck1d(last) for _ in range(2)),
        )
        self.output = nn.ConvTranspose2d(last, out_channels, 2, stride=2)

    def forward(self, maps_bchw: Tensor) -> Tensor:
        return cut_maps(self.output(self.decoder(self.encoder(maps_bchw))), maps_bchw)


def _factorised(channels: int, *, dilation: int) -> nn.Sequential:
    tall, wide = (dilation, 0), (0, dilation)
    return nn.Sequential(
        nn.Conv2d(channels, channels, (3, 1), padding=tall, dilation=(dilation, 1)),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, (1, 3), padding=wide, dilation=(1, dilation)),
    )

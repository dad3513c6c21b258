"""3 x 3 convolutions by Winograd's F(4x4, 3x3) (Lavin and Gray 2016), for float32 on CPUs.

A tile of 4 x 4 outputs takes 36 products a pair of channels instead of 144. The error in float32 is 3e-6 of the values
(direct: 3e-7); in bfloat16 it would be too large.

Shapes: b batch, c and o channels in and out, t tiles of an image's 4 x 4 outputs, 36 = 6 x 6 values of a transformed tile.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

# With fewer channels, tiles, or pairs of channels in all tiles, the transforms cost more than the products that they save.
FEWEST_CHANNELS, FEWEST_TILES, FEWEST_PAIRS = 32, 32, 2**18


class WinogradConv2d(nn.Conv2d):
    """A 3 x 3 convolution of stride 1 that goes by Winograd where that is quicker, else torch's way; same weights."""

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding[0]
        assert isinstance(padding, int)
        if not _is_worthwhile(input, self.weight, padding):
            return super().forward(input)
        output = conv2d_3x3(functional.pad(input, [padding] * 4), self.weight)
        return output if self.bias is None else output + self.bias[:, None, None]


def use_winograd(network: nn.Module) -> None:
    """Put a WinogradConv2d with the same parameters in the place of every convolution that can go by Winograd."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Conv2d and _is_suitable(child):
                setattr(module, name, _as_winograd(child))


def conv2d_3x3(image_bchw: Tensor, weight_oc33: Tensor) -> Tensor:
    """The convolution of a padded image with 3 x 3 filters, float32 [b, o, h - 2, w - 2] in channels_last.

    It can be differentiated once.
    """
    return _Winograd.apply(image_bchw, weight_oc33)  # type: ignore[return-value]


# The three transforms of one dimension (Lavin and Gray 2016, section 4.3), and, by their Kronecker products, of a tile.
_DATA = torch.tensor(
    [
        [4.0, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_FILTER = torch.tensor(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)
_OUTPUT = torch.tensor([[1.0, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
_DATA_36X36, _FILTER_36X9, _OUTPUT_16X36 = (torch.kron(each, each) for each in (_DATA, _FILTER, _OUTPUT))


class _Winograd(torch.autograd.Function):
    """Products of transformed tiles with transformed filters; the gradients are the transposed products."""

    @staticmethod
    def forward(ctx: Any, image_bchw: Tensor, weight_oc33: Tensor) -> Tensor:
        channels_out, channels_in = weight_oc33.shape[:2]
        tiles = _Tiles(image_bchw.shape)
        data = _DATA_36X36 @ tiles.cut(image_bchw)
        data_36tc = data.view(36, -1, channels_in)
        products_36to = data_36tc @ _transform_filters(weight_oc33).transpose(1, 2)
        # Not the transformed filters, four times as large as the weights: they are quickly worked out again.
        ctx.save_for_backward(data_36tc, weight_oc33)
        ctx.tiles = tiles
        return tiles.join_outputs(_OUTPUT_16X36 @ products_36to.view(36, -1), channels_out)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient_bohw: Tensor) -> tuple[Tensor | None, Tensor | None]:
        data_36tc, weight_oc33 = ctx.saved_tensors
        channels_out, channels_in = weight_oc33.shape[:2]
        products = _OUTPUT_16X36.t() @ ctx.tiles.cut_outputs(gradient_bohw)
        products_36to = products.view(36, -1, channels_out)
        of_image = of_weight = None
        if ctx.needs_input_grad[0]:
            of_data = (products_36to @ _transform_filters(weight_oc33)).view(36, -1)
            of_image = ctx.tiles.add_up(_DATA_36X36.t() @ of_data, channels_in)
        if ctx.needs_input_grad[1]:
            of_filters = (products_36to.transpose(1, 2) @ data_36tc).view(36, -1)
            # Not of_filters.t() @ _FILTER_36X9, which takes four times as long.
            of_weight = (_FILTER_36X9.t() @ of_filters).t().reshape(channels_out, channels_in, 3, 3)
        return of_image, of_weight


def _transform_filters(weight_oc33: Tensor) -> Tensor:
    """[36, o, c]"""
    return (_FILTER_36X9 @ weight_oc33.reshape(-1, 9).t()).view(36, *weight_oc33.shape[:2])


class _Tiles:
    """How a padded image of this shape is cut into tiles of 6 x 6 that overlap by 2, filled up with zeros at its end."""

    def __init__(self, shape_bchw: torch.Size) -> None:
        self.batch, _, self.height, self.width = shape_bchw
        self.rows, self.columns = -(-(self.height - 2) // 4), -(-(self.width - 2) // 4)

    def cut(self, image_bchw: Tensor) -> Tensor:
        """Tiles [36, b * t * c] of the image."""
        below, right = 4 * self.rows + 2 - self.height, 4 * self.columns + 2 - self.width
        image_bhwc = functional.pad(image_bchw.permute(0, 2, 3, 1), (0, 0, 0, right, 0, below)).contiguous()
        return image_bhwc.unfold(1, 6, 4).unfold(2, 6, 4).permute(4, 5, 0, 1, 2, 3).reshape(36, -1)

    def add_up(self, tiles: Tensor, channels: int) -> Tensor:
        """Image [b, c, h, w] of tiles [36, b * t * c]: the transpose of `cut`, in which overlaps are summed."""
        tiles = tiles.view(6, 6, self.batch, self.rows, self.columns, channels).permute(2, 3, 0, 4, 1, 5)
        blocks = tiles.new_zeros(self.batch, self.rows + 1, 4, self.columns + 1, 4, channels)
        blocks[:, :-1, :, :-1] = tiles[:, :, :4, :, :4]
        blocks[:, 1:, :2, :-1] += tiles[:, :, 4:, :, :4]
        blocks[:, :-1, :, 1:, :2] += tiles[:, :, :4, :, 4:]
        blocks[:, 1:, :2, 1:, :2] += tiles[:, :, 4:, :, 4:]
        image_bhwc = blocks.view(self.batch, 4 * self.rows + 4, 4 * self.columns + 4, channels)
        return image_bhwc[:, : self.height, : self.width].permute(0, 3, 1, 2)

    def join_outputs(self, tiles: Tensor, channels: int) -> Tensor:
        """Output [b, o, h - 2, w - 2] of tiles [16, b * t * o]."""
        tiles = tiles.view(4, 4, self.batch, self.rows, self.columns, channels).permute(2, 3, 0, 4, 1, 5)
        output_bhwo = tiles.reshape(self.batch, 4 * self.rows, 4 * self.columns, channels)
        return output_bhwo[:, : self.height - 2, : self.width - 2].permute(0, 3, 1, 2)

    def cut_outputs(self, output_bohw: Tensor) -> Tensor:
        """Tiles [16, b * t * o] of an output: the transpose of `join_outputs`."""
        below, right = 4 * self.rows - (self.height - 2), 4 * self.columns - (self.width - 2)
        output_bhwo = functional.pad(output_bohw.permute(0, 2, 3, 1), (0, 0, 0, right, 0, below))
        return output_bhwo.unfold(1, 4, 4).unfold(2, 4, 4).permute(4, 5, 0, 1, 2, 3).reshape(16, -1)


def _is_suitable(module: nn.Conv2d) -> bool:
    return (
        module.kernel_size == (3, 3)
        and module.stride == module.dilation == (1, 1)
        and module.groups == 1
        and module.padding in ((0, 0), (1, 1))
        and module.padding_mode == "zeros"
        and min(module.in_channels, module.out_channels) >= FEWEST_CHANNELS
    )


def _as_winograd(module: nn.Conv2d) -> WinogradConv2d:
    with torch.device("meta"):  # no weights are drawn
        new = WinogradConv2d(module.in_channels, module.out_channels, 3, bias=module.bias is not None)
    new.weight, new.bias, new.padding = module.weight, module.bias, module.padding
    return new.train(module.training)


def _is_worthwhile(input: Tensor, weight: Tensor, padding: int) -> bool:
    """Whether this is float32 on a CPU, with tiles enough; an exported graph keeps the plain convolution."""
    if input.device.type != "cpu" or input.dtype != torch.float32 or weight.dtype != torch.float32:
        return False
    if torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling():
        return False
    tiles = _Tiles(torch.Size((*input.shape[:2], *(side + 2 * padding for side in input.shape[2:]))))
    count = tiles.batch * tiles.rows * tiles.columns
    return count >= FEWEST_TILES and count * weight.shape[0] * weight.shape[1] >= FEWEST_PAIRS

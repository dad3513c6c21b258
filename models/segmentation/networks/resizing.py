"""Maps at another size, as decoders bring them together."""

from torch import Tensor
from torch.nn import functional


def resize_maps(maps_bchw: Tensor, like_bchw: Tensor) -> Tensor:
    """Bilinear, at the height and width of `like_bchw`."""
    size = (like_bchw.shape[-2], like_bchw.shape[-1])
    return functional.interpolate(maps_bchw, size=size, mode="bilinear", align_corners=False)


def cut_maps(maps_bchw: Tensor, like_bchw: Tensor) -> Tensor:
    """The upper left part of the height and width of `like_bchw`.

    Sizes are rounded up on the way down: of an odd one the double is larger by 1.
    """
    height, width = like_bchw.shape[-2:]
    if maps_bchw.shape[-2:] == (height, width):
        return maps_bchw  # a slice of everything would cost a copy of the gradient
    return maps_bchw[..., :height, :width]

"""Random changes of how an image lies, drawn once and applied alike to it, to its label map and to its boxes.

Points are (x right, y down) in pixels from the middle of the image, so that nothing depends on its size.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from models.augmentation.config import IGNORE_LABEL, GeometricConfig
from models.configs import require


@dataclass(frozen=True)
class Placement:
    """How one image lies: flipped left to right first, then sheared, scaled, turned counter-clockwise and shifted.

    `crop_hw` is the size of what is then seen, about the middle; None is the image's own.
    """

    is_flipped: bool = False
    angle_deg: float = 0.0
    scale: float = 1.0
    shear_deg: float = 0.0
    shift_xy: tuple[float, float] = (0.0, 0.0)
    crop_hw: tuple[int, int] | None = None

    @property
    def matrix(self) -> np.ndarray:
        """[2, 2], what happens to points of the flipped image before they are shifted."""
        cosine, sine = self._turn
        turn = np.array(((cosine, sine), (-sine, cosine)))
        return self.scale * turn @ np.array(((1.0, self._lean), (0.0, 1.0)))

    @property
    def inverse(self) -> np.ndarray:
        """[2, 2], of `matrix`."""
        cosine, sine = self._turn
        turn = np.array(((cosine, -sine), (sine, cosine)))
        return np.array(((1.0, -self._lean), (0.0, 1.0))) @ turn / self.scale

    def size_after(self, image_hw: tuple[int, int]) -> tuple[int, int]:
        """Height and width of what comes out of an image of this size."""
        return self.crop_hw if self.crop_hw is not None else image_hw

    @property
    def _turn(self) -> tuple[float, float]:
        angle = math.radians(self.angle_deg)
        return math.cos(angle), math.sin(angle)

    @property
    def _lean(self) -> float:
        return math.tan(math.radians(self.shear_deg))


def draw_turn(config: GeometricConfig, rng: np.random.Generator) -> Placement:
    """Flip and rotation alone; both numbers are always drawn, so that a setting changes only what it names."""
    is_flipped = bool(rng.random() < config.flip_probability)
    part = rng.random()
    angles = {
        "none": 0.0,
        "half_turn": 180.0 * (part < 0.5),
        "quarter_turn": 90.0 * int(4 * part),
        "any": 360 * part,
    }
    return Placement(is_flipped, angles[config.rotation])


def draw_placement(
    config: GeometricConfig, rng: np.random.Generator, *, image_hw: tuple[int, int]
) -> Placement:
    """Everything; the scale's logarithm is even, and the part that is seen is whole pixels off the image's corner.

    An image that is smaller than what is seen lies anywhere in it.
    """
    turn = draw_turn(config, rng)
    tilt, lean, zoom, right, down = rng.random(5)
    scale = config.smallest_scale * (config.largest_scale / config.smallest_scale) ** zoom
    crop_h, crop_w = config.crop_hw or image_hw
    height, width = image_hw if turn.angle_deg not in (90.0, 270.0) else image_hw[::-1]
    return replace(
        turn,
        angle_deg=turn.angle_deg + config.tilt_deg * (2 * tilt - 1),
        scale=scale,
        shear_deg=config.shear_deg * (2 * lean - 1),
        shift_xy=(_draw_shift(scale * width - crop_w, right), _draw_shift(scale * height - crop_h, down)),
        crop_hw=config.crop_hw,
    )


def place_image(image_chw: Tensor, placement: Placement) -> Tensor:
    """The image [..., c, h, w] as it then lies, of its own type; bilinear, and black where nothing is known."""
    if (moved := _move_pixels(image_chw, placement)) is not None:
        return moved
    flipped = image_chw.flip(-1) if placement.is_flipped else image_chw
    batch = flipped.reshape(-1, *flipped.shape[-3:]).float()
    grid = _source_grid(placement, batch).expand(len(batch), -1, -1, -1)
    placed = grid_sample(batch, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    placed = placed if image_chw.is_floating_point() else placed.round_()
    return placed.to(image_chw.dtype).reshape(*image_chw.shape[:-2], *placed.shape[-2:])


def place_label_map(labels_hw: Tensor, placement: Placement, *, ignore_label: int = IGNORE_LABEL) -> Tensor:
    """Whole numbers [..., h, w] as the image then lies; nearest neighbour, `ignore_label` where nothing is known.

    ValueError for a map of floats: a soft mask is an image.
    """
    require(
        not labels_hw.is_floating_point() and labels_hw.dtype != torch.bool,
        f"A label map holds whole numbers, but this one is {labels_hw.dtype}; place a soft mask as an image.",
    )
    require(
        torch.iinfo(labels_hw.dtype).min <= ignore_label <= torch.iinfo(labels_hw.dtype).max,
        f"ignore_label is {ignore_label}, which {labels_hw.dtype} cannot hold; give the map in another type.",
    )
    if (moved := _move_pixels(labels_hw, placement)) is not None:
        return moved
    flipped = labels_hw.flip(-1) if placement.is_flipped else labels_hw
    height, width = flipped.shape[-2:]
    grid = _source_grid(placement, flipped)[0]
    x = ((grid[..., 0] + 1) * width / 2 - 0.5).round().long()
    y = ((grid[..., 1] + 1) * height / 2 - 0.5).round().long()
    is_known = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return flipped[..., y.clamp(0, height - 1), x.clamp(0, width - 1)].masked_fill(~is_known, ignore_label)


def place_boxes(boxes_xyxy: np.ndarray, placement: Placement, *, image_hw: tuple[int, int]) -> np.ndarray:
    """Boxes float32 [n, 4], in pixels from the corner, of what was in the boxes of an image of this size, not clipped.

    An object is taken for the ellipse in its box: its box at 45 degrees is nearer the mask's than that of the
    box's own corners.
    """
    middle = np.array(image_hw[::-1]) / 2
    centre = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2 - middle
    half = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) / 2
    if placement.is_flipped:
        centre = centre * (-1, 1)
    middle = np.array(placement.size_after(image_hw)[::-1]) / 2
    centre = centre @ placement.matrix.T + placement.shift_xy + middle
    half = np.sqrt(np.square(half) @ np.square(placement.matrix.T))
    return np.concatenate((centre - half, centre + half), axis=1).astype(np.float32)


def _draw_shift(slack_px: float, part: float) -> float:
    """From the middle, for an image that is so much larger (smaller if negative) than what is seen of it."""
    left = math.copysign(math.floor(part * (math.floor(abs(slack_px)) + 1)), slack_px)
    return slack_px / 2 - left


def _move_pixels(pixels: Tensor, placement: Placement) -> Tensor | None:
    """The result [..., h, w] where every pixel of it is one of the image's; None where some lie between them."""
    quarters, rest = divmod(placement.angle_deg, 90)
    image_hw = (pixels.shape[-2], pixels.shape[-1])
    turned_hw = image_hw[::-1] if quarters % 2 else image_hw
    height, width = placement.size_after(image_hw)
    left = (turned_hw[1] - width) / 2 - placement.shift_xy[0]
    top = (turned_hw[0] - height) / 2 - placement.shift_xy[1]
    is_whole = (
        rest == 0 and (placement.scale, placement.shear_deg) == (1, 0) and (left % 1, top % 1) == (0, 0)
    )
    if not is_whole or min(left, top, turned_hw[1] - width - left, turned_hw[0] - height - top) < 0:
        return None
    pixels = pixels.flip(-1) if placement.is_flipped else pixels
    turned = torch.rot90(pixels, int(quarters) % 4, (-2, -1)) if quarters % 4 else pixels
    return turned[..., int(top) : int(top) + height, int(left) : int(left) + width]


def _source_grid(placement: Placement, pixels: Tensor) -> Tensor:
    """Where in the flipped image each pixel of the result is taken from: [1, h, w, 2], -1..1 over the image.

    In float32 always: bfloat16 would be off by pixels.
    """
    height, width = pixels.shape[-2:]
    rows, columns = placement.size_after((height, width))
    x = torch.linspace((1.0 - columns) * 0.5, (columns - 1.0) * 0.5, steps=columns, device=pixels.device)
    y = torch.linspace((1.0 - rows) * 0.5, (rows - 1.0) * 0.5, steps=rows, device=pixels.device)
    points = torch.stack(
        (x.expand(rows, -1), y[:, None].expand(-1, columns), torch.ones_like(x).expand(rows, -1)), -1
    )
    offset = -placement.inverse @ np.array(placement.shift_xy)
    affine = torch.from_numpy(np.vstack((placement.inverse.T, offset))).to(pixels.device, torch.float32)
    affine = affine / torch.tensor([0.5 * width, 0.5 * height], device=pixels.device)
    with torch.autocast(pixels.device.type, enabled=False):
        return points.view(1, -1, 3).bmm(affine[None]).view(1, rows, columns, 2)

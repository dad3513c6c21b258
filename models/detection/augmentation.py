"""Random changes of light, colour, sharpness and orientation of training images, with their boxes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from models.detection.boxes import area
from models.detection.config import AugmentationConfig

SMALLEST_VISIBLE_PART = 0.4  # of a box; one that a rotation leaves with less is ignored


@dataclass(frozen=True)
class Turn:
    """How one image is laid: flipped left to right first, then turned counter-clockwise about its centre."""

    is_flipped: bool
    angle_deg: float


def draw_turn(config: AugmentationConfig, rng: np.random.Generator) -> Turn:
    """One draw; both numbers are always drawn, so that a setting changes only what it names."""
    is_flipped = bool(rng.random() < config.flip_probability)
    part = rng.random()
    if config.rotation == "none":
        return Turn(is_flipped, 0.0)
    return Turn(is_flipped, 360 * part if config.rotation == "any" else 180.0 * (part < 0.5))


def turn_image(image_chw: Tensor, turn: Turn) -> Tensor:
    """The image laid as `turn` says, same size; corners without a source are black."""
    if turn.is_flipped:
        image_chw = image_chw.flip(-1)
    if turn.angle_deg in (0.0, 180.0):
        return image_chw if turn.angle_deg == 0 else image_chw.flip(-1, -2)
    return transforms.rotate(image_chw, turn.angle_deg, interpolation=transforms.InterpolationMode.BILINEAR)


def turn_boxes(boxes_xyxy: np.ndarray, turn: Turn, *, image_hw: tuple[int, int]) -> np.ndarray:
    """Boxes [n, 4] of what was in the boxes, not clipped.

    An object is taken for the ellipse in its box: its box at 45 degrees is nearer the mask's than that of the
    box's own corners.
    """
    middle = np.array((image_hw[1], image_hw[0])) / 2
    centre = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2 - middle
    half = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) / 2
    if turn.is_flipped:
        centre = centre * (-1, 1)
    cosine, sine = np.cos(np.deg2rad(turn.angle_deg)), np.sin(np.deg2rad(turn.angle_deg))
    centre = centre @ np.array(((cosine, -sine), (sine, cosine))) + middle
    half = np.sqrt(np.square(half) @ np.square(((cosine, sine), (sine, cosine))))
    return np.concatenate((centre - half, centre + half), axis=1).astype(np.float32)


def clip_boxes(boxes_xyxy: np.ndarray, *, image_hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes clipped to the image, and whether enough of each [n] is still inside to be asked for."""
    height, width = image_hw
    clipped = np.clip(boxes_xyxy, 0, (width, height, width, height)).astype(np.float32)
    return clipped, area(clipped) >= SMALLEST_VISIBLE_PART * np.maximum(area(boxes_xyxy), 1e-6)


def change_light(images_bchw: Tensor, config: AugmentationConfig, rng: np.random.Generator) -> Tensor:
    """uint8 images to floats in 0..1 with brightness, contrast, gamma, colour, blur and noise drawn an
    image.
    """
    images = _look_up(images_bchw, _draw_curves(len(images_bchw), config, rng))
    weight = 1 + torch.from_numpy(rng.uniform(-1, 1, (len(images), 1, 1, 1)) * config.saturation).to(images)
    grey = images.mean(1, keepdim=True)
    images = (grey + weight * (images - grey)).clamp(0, 1)
    return torch.stack([_blur_and_noise(image, config, rng) for image in images])


def _draw_curves(count: int, config: AugmentationConfig, rng: np.random.Generator) -> np.ndarray:
    """Tone curves [count, 3, 256]: gamma, contrast, brightness and channel gain in one table."""

    def draw(half_width: float, channels: int = 1) -> np.ndarray:
        return rng.uniform(-half_width, half_width, (count, channels, 1))

    values = np.linspace(0, 1, 256) ** np.exp2(draw(config.gamma))
    values = (values - 0.5) * np.exp2(draw(config.contrast)) + 0.5 + draw(config.brightness)
    return np.clip(values * np.exp2(draw(config.color_gain, 3)), 0, 1).astype(np.float32)


def _look_up(images_bchw: Tensor, curves: np.ndarray) -> Tensor:
    table = torch.from_numpy(curves.reshape(-1)).to(images_bchw.device)
    first = torch.arange(0, len(table), 256, device=images_bchw.device, dtype=torch.int32)
    return table[images_bchw.int() + first.view(*images_bchw.shape[:2], 1, 1)]


def _blur_and_noise(image_chw: Tensor, config: AugmentationConfig, rng: np.random.Generator) -> Tensor:
    is_blurred, is_noisy = rng.random(2) < (config.blur_probability, config.noise_probability)
    blur_sigma = max(0.1, rng.uniform(0, config.blur_max_sigma_px))
    noise_sigma, seed = rng.uniform(0, config.noise_max_sigma), int(rng.integers(2**63))
    if is_blurred:
        size = 2 * int(np.ceil(2 * blur_sigma)) + 1
        image_chw = transforms.gaussian_blur(image_chw, [size, size], [blur_sigma, blur_sigma])
    if not is_noisy:
        return image_chw
    generator = torch.Generator(image_chw.device).manual_seed(seed)
    noise = torch.randn(image_chw.shape, generator=generator, device=image_chw.device)
    return (image_chw + noise_sigma * noise).clamp(0, 1)

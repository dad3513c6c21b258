"""Random changes of light, colour and sharpness: first drawn as numbers, then applied to images that change alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from models.augmentation.config import PhotometricConfig
from models.configs import require


@dataclass(frozen=True)
class Light:
    """What changes in each of n images of c channels; with a blur or noise of sigma 0 there is none."""

    exponent: np.ndarray  # [n, 1]
    contrast: np.ndarray  # [n, 1], a factor
    brightness: np.ndarray  # [n, 1], added
    gain: np.ndarray  # [n, c], a factor
    saturation: np.ndarray  # [n], added to the weight 1 of colour
    blur_sigma_px: tuple[float, ...]
    noise_sigma: tuple[float, ...]
    noise_seed: tuple[int, ...]


def draw_light(
    config: PhotometricConfig, rng: np.random.Generator, *, count: int, channels: int = 3
) -> Light:
    """The changes of `count` images; all numbers are always drawn, so that a setting changes only what it
    names.

    ValueError where saturation is to change and the images are not RGB.
    """
    require(
        channels == 3 or config.saturation == 0,
        f"saturation is {config.saturation}, but images of {channels} channels have none; set it to 0.",
    )

    def draw(half_width: float, columns: int = 1) -> np.ndarray:
        return rng.uniform(-half_width, half_width, (count, columns))

    exponent, contrast = np.exp2(draw(config.gamma)), np.exp2(draw(config.contrast))
    brightness, gain = draw(config.brightness), np.exp2(draw(config.color_gain, channels))
    saturation = rng.uniform(-1, 1, count) * config.saturation
    blurs, noises, seeds = zip(*(_draw_sharpness(config, rng) for _ in range(count)), strict=True)
    return Light(exponent, contrast, brightness, gain, saturation, blurs, noises, seeds)


def change_light(images_bchw: Tensor, light: Light) -> Tensor:
    """The images in other light, in 0..1: of uint8 float32, of floats in 0..1 their own type.

    Colours, and with them saturation, are those of RGB: images with another number of channels keep theirs.
    """
    dtype = images_bchw.dtype if images_bchw.is_floating_point() else torch.float32
    changed = _saturate(change_tones(images_bchw, light), light)
    sharpness = zip(changed, light.blur_sigma_px, light.noise_sigma, light.noise_seed, strict=True)
    images = [_add_noise(_blur(image, blur), noise, seed) for image, blur, noise, seed in sharpness]
    return torch.stack(images).to(dtype)


def change_tones(images_bchw: Tensor, light: Light) -> Tensor:
    """Only gamma, contrast, brightness and gain, in this order: float32 in 0..1."""
    if images_bchw.dtype == torch.uint8:
        return _look_up(images_bchw, _tone_curves(light))
    parts = (light.exponent, light.contrast, light.brightness, light.gain)
    on_device = [
        torch.from_numpy(part).to(images_bchw.device, torch.float32)[..., None, None] for part in parts
    ]
    return _tone(images_bchw.float().clamp(0, 1), *on_device).clamp(0, 1)


def _draw_sharpness(config: PhotometricConfig, rng: np.random.Generator) -> tuple[float, float, int]:
    """Standard deviation of blur and noise of one image, and the noise's seed."""
    is_blurred, is_noisy = rng.random(2) < (config.blur_probability, config.noise_probability)
    blur_sigma_px = max(0.1, rng.uniform(0, config.blur_max_sigma_px))
    noise_sigma, seed = rng.uniform(0, config.noise_max_sigma), int(rng.integers(2**63))
    return blur_sigma_px if is_blurred else 0.0, noise_sigma if is_noisy else 0.0, seed


def _tone(values: Any, exponent: Any, contrast: Any, brightness: Any, gain: Any) -> Any:
    """Of arrays or of tensors, which broadcast alike."""
    return ((values**exponent - 0.5) * contrast + 0.5 + brightness) * gain


def _tone_curves(light: Light) -> np.ndarray:
    """Tables [n, c, 256] that do to a byte all that `_tone` does to its value."""
    parts = (light.exponent, light.contrast, light.brightness, light.gain)
    curves = _tone(np.linspace(0, 1, 256), *(part[..., None] for part in parts))
    return np.clip(curves, 0, 1).astype(np.float32)


def _look_up(images_bchw: Tensor, curves: np.ndarray) -> Tensor:
    table = torch.from_numpy(curves.reshape(-1)).to(images_bchw.device)
    first = torch.arange(0, len(table), 256, device=images_bchw.device, dtype=torch.int32)
    return table[images_bchw.int() + first.view(*images_bchw.shape[:2], 1, 1)]


def _saturate(images_bchw: Tensor, light: Light) -> Tensor:
    if images_bchw.shape[1] != 3:
        return images_bchw
    weight = 1 + torch.from_numpy(light.saturation).to(images_bchw).view(-1, 1, 1, 1)
    grey = images_bchw.mean(1, keepdim=True)
    return (grey + weight * (images_bchw - grey)).clamp(0, 1)


def _blur(image_chw: Tensor, sigma_px: float) -> Tensor:
    if sigma_px == 0:
        return image_chw
    size = 2 * int(np.ceil(2 * sigma_px)) + 1
    return transforms.gaussian_blur(image_chw, [size, size], [sigma_px, sigma_px])


def _add_noise(image_chw: Tensor, sigma: float, seed: int) -> Tensor:
    if sigma == 0:
        return image_chw
    generator = torch.Generator(image_chw.device).manual_seed(seed)
    noise = torch.randn(image_chw.shape, generator=generator, device=image_chw.device)
    return (image_chw + sigma * noise).clamp(0, 1)

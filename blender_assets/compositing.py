"""Rendered people onto the photo: linear light, shadows that fade out, and the photo's own blur and noise."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
from numpy.typing import NDArray

from blender_assets.lens import Camera
from blender_assets.scene import FIRST_FURNITURE_INDEX, CatcherDisc

FULL_SHADOW_M = 0.25


@dataclass(frozen=True)
class RenderedLayers:
    """People and chairs: rgb [h, w, 3] linear and premultiplied, alpha [h, w], object_index [h, w].

    shadow [h, w] is the share of light that they take from floor and tables, also behind themselves.
    """

    rgb: NDArray[np.float32]
    alpha: NDArray[np.float32]
    object_index: NDArray[np.int32]
    shadow: NDArray[np.float32]


def read_layers(folder: Path, *, width_px: int, height_px: int) -> RenderedLayers:
    """What Stage.render wrote, brought to one size."""
    size = (width_px, height_px)
    people, shadows = (
        _read_channels(folder / "people.exr", size),
        _read_channels(folder / "shadows.exr", size),
    )
    return RenderedLayers(
        rgb=np.stack([people[f"Combined.{c}"] for c in "RGB"], axis=-1),
        alpha=np.clip(people["Combined.A"], 0, 1),
        object_index=np.round(people["IndexOB.X"]).astype(np.int32),
        shadow=np.clip(shadows["Combined.A"], 0, 1),
    )


def _read_channels(exr_path: Path, size: tuple[int, int]) -> dict[str, NDArray[np.float32]]:
    """Every pass [h, w] by its name without that of the view layer; only colours are mixed by enlarging."""
    passes = {}
    with OpenEXR.File(str(exr_path), separate_channels=True) as file:
        for name, channel in file.channels().items():
            name = name.removeprefix("ViewLayer.")
            mixing = cv2.INTER_LINEAR if name.startswith("Combined") else cv2.INTER_NEAREST
            passes[name] = cv2.resize(np.array(channel.pixels), size, interpolation=mixing)
    return passes


def srgb_to_linear(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """8 bits -> 0..1 (IEC 61966-2-1)."""
    value = np.arange(256) / 255
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return table.astype(np.float32)[image]


def linear_to_srgb(linear: NDArray[np.floating]) -> NDArray[np.float32]:
    """0..1 -> 0..255, not rounded."""
    clipped = np.clip(linear, 0, 1)
    encoded = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return (255 * encoded).astype(np.float32)


def person_mask(layers: RenderedLayers, seen: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """[h, w] 1..n for people, 0 for all else; seen [h, w] is the part of the image inside the lens circle."""
    is_person = seen & (layers.object_index > 0) & (layers.object_index < FIRST_FURNITURE_INDEX)
    return np.where(is_person, layers.object_index, 0).astype(np.uint8)


def seen_mask(camera: Camera) -> NDArray[np.bool_]:
    """[h, w] whether the lens reaches each pixel."""
    return camera.sees(pixel_centres(camera)).reshape(camera.height_px, camera.width_px)


def floor_points(camera: Camera) -> NDArray[np.float32]:
    """[h, w, 2] where each pixel's ray meets the floor, nan above the horizon."""
    points = camera.pixels_to_plane(pixel_centres(camera), 0.0)[:, :2]
    return points.reshape(camera.height_px, camera.width_px, 2).astype(np.float32)


def pixel_centres(camera: Camera) -> NDArray[np.float64]:
    """[h * w, 2] in reading order."""
    x, y = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def shadow_fade(
    floor_xy: NDArray[np.float32], discs: list[CatcherDisc], *, margin_m: float
) -> NDArray[np.float32]:
    """[h, w, 2] -> [h, w] 1 near people, falling smoothly to 0 where the catcher's floor ends."""
    nearest = np.full(floor_xy.shape[:2], np.inf, dtype=np.float32)
    for disc in discs:
        distance = np.linalg.norm(floor_xy - np.asarray(disc.xy, dtype=np.float32), axis=-1) - disc.radius_m
        nearest = np.fmin(nearest, distance)
    share = np.clip((margin_m - nearest) / (margin_m - FULL_SHADOW_M), 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def estimate_noise(photo: NDArray[np.uint8], seen: NDArray[np.bool_]) -> float:
    """Standard deviation of the photo's noise in grey levels, from its flattest places.

    Immerkaer, Fast noise variance estimation (1996): a mask that ignores planes and edges; the lower third of
    the local answers keeps texture out.
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    response = cv2.blur(np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel)), (8, 8))[::8, ::8]
    usable = response[seen[::8, ::8] & (grey[::8, ::8] > 8) & (grey[::8, ::8] < 247)]
    if not len(usable):
        return 0.0
    return float(np.clip(np.percentile(usable, 33) * np.sqrt(np.pi / 2) / 6, 0.0, 6.0))


@dataclass(frozen=True)
class Finish:
    """How the rendered layer is made to look like the photo; noise_grey is a standard deviation of 255."""

    blur_px: float
    noise_grey: float
    shadow_strength: float


def composite(
    photo: NDArray[np.uint8],
    layers: RenderedLayers,
    seen: NDArray[np.bool_],
    fade: NDArray[np.float32],
    finish: Finish,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """photo [h, w, 3] 8-bit RGB -> the same with people; fade [h, w] scales their shadows."""
    layer = np.concatenate([layers.rgb, layers.alpha[..., None]], axis=-1) * seen[..., None]
    if finish.blur_px > 0:
        layer = cv2.GaussianBlur(layer.astype(np.float32), (0, 0), finish.blur_px)
    shadow = layers.shadow * fade * finish.shadow_strength * seen
    lit = srgb_to_linear(photo) * (1 - shadow[..., None])
    encoded = linear_to_srgb(lit * (1 - layer[..., 3:]) + layer[..., :3])
    encoded += layer[..., 3:] * sensor_noise(seen.shape, finish.noise_grey, rng)[..., None]
    untouched = np.maximum(layer[..., 3], shadow) < 1 / 512
    return np.where(untouched[..., None], photo, np.clip(np.round(encoded), 0, 255)).astype(np.uint8)


def sensor_noise(shape_hw: tuple[int, ...], std_grey: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """[h, w] in grey levels, smooth over a pixel or so, as demosaicing and compression leave it."""
    noise = rng.standard_normal(shape_hw, dtype=np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 0.6) * np.float32(2.1 * std_grey)

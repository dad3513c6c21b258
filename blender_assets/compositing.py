"""Rendered people onto the photo: linear light, shadows that fade out, and the photo's own blur and noise."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_assets.camera_rig import CameraRig
from blender_assets.exr_layers import read_object_labels, read_passes
from blender_assets.lens.camera import Camera
from blender_assets.scene import FIRST_FURNITURE_INDEX, CatcherDisc
from blender_assets.sensor import SensorDraw, blur_motion, code_as_jpeg, sensor_noise
from blender_assets.sharpening import Sharpening, sharpen, unsharpen

FULL_SHADOW_M = 0.25
FARTHEST_M = 65.0


@dataclass(frozen=True)
class RenderedLayers:
    """People and chairs: rgb [h, w, 3] linear and premultiplied, alpha [h, w], object_index [h, w].

    distance_m [h, w] is along each pixel's ray, and huge where nothing is. shadow [h, w] is the share of light that
    they take from floor and tables, also behind themselves.
    """

    rgb: NDArray[np.float32]
    alpha: NDArray[np.float32]
    object_index: NDArray[np.int32]
    distance_m: NDArray[np.float32]
    shadow: NDArray[np.float32]


def read_layers(folder: Path, rig: CameraRig, numbers: dict[str, int]) -> RenderedLayers:
    """What Stage.render wrote, as the camera sees it; numbers are those of the objects, by name."""
    people, shadows = read_passes(folder / "people.exr"), read_passes(folder / "shadows.exr")
    color = np.stack([people[f"Combined.{c}"] for c in "RGBA"], axis=-1)
    color = np.maximum(rig.to_image(color, is_smooth=True), 0)
    labels = read_object_labels(folder / "people.exr", people, numbers)
    return RenderedLayers(
        rgb=color[..., :3],
        alpha=np.minimum(color[..., 3], 1),
        object_index=rig.to_image(labels, is_smooth=False),
        distance_m=rig.ray_distance(rig.to_image(people["Depth.Z"], is_smooth=False)),
        shadow=np.clip(rig.to_image(shadows["Combined.A"], is_smooth=True), 0, 1),
    )


def srgb_to_linear(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """8 bits -> 0..1 (IEC 61966-2-1)."""
    value = np.arange(256) / 255
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return table.astype(np.float32)[image]


def float_to_linear(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
    """0..255, not rounded -> 0..1; values beyond are clipped."""
    value = np.clip(encoded, 0, 255) / np.float32(255)
    bright = ((value + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(value <= 0.04045, value / np.float32(12.92), bright).astype(np.float32)


def linear_to_srgb(linear: NDArray[np.floating]) -> NDArray[np.float32]:
    """0..1 -> 0..255, not rounded."""
    clipped = np.clip(linear, 0, 1)
    encoded = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return (255 * encoded).astype(np.float32)


def person_mask(layers: RenderedLayers, seen: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """[h, w] 1..n for people, 0 for all else; seen [h, w] is the part of the image inside the lens circle."""
    is_person = seen & (layers.object_index > 0) & (layers.object_index < FIRST_FURNITURE_INDEX)
    return np.where(is_person, layers.object_index, 0).astype(np.uint8)


def depth_millimetres(
    layers: RenderedLayers, seen: NDArray[np.bool_], people_m: NDArray[np.float32]
) -> NDArray[np.uint16]:
    """[h, w] distance of people (people_m, 0 where nobody is seen) and chairs along the ray, 0 where neither is.

    Blender's own depth is what one point of a pixel saw, which may be beside the person who covers most of it.
    """
    is_chair = seen & (layers.object_index >= FIRST_FURNITURE_INDEX) & (layers.distance_m < FARTHEST_M)
    metres = np.where(people_m > 0, people_m, np.where(is_chair, layers.distance_m, 0))
    return np.clip(np.round(1000 * metres), 0, 65535).astype(np.uint16)


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


@dataclass(frozen=True)
class Finish:
    """How the rendered layer is made to look like the photo.

    shifts_px: how far person k moves while the shutter is open, (dx, dy). contrast: exponent on people's light that
    leaves middle_grey as it is.
    """

    shadow_strength: float
    sensor: SensorDraw
    shifts_px: dict[int, tuple[float, float]]
    contrast: float = 1.0
    middle_grey: float = 0.18


def stretch_contrast(layers: RenderedLayers, finish: Finish) -> NDArray[np.float32]:
    """[h, w, 3] the premultiplied layer, each channel stretched: as in cameras, colours gain with contrast."""
    if finish.contrast == 1:
        return layers.rgb
    is_covered = layers.alpha > 0
    alpha = layers.alpha[is_covered][:, None]
    light = layers.rgb[is_covered] / alpha / np.float32(finish.middle_grey)
    stretched = np.array(layers.rgb)
    stretched[is_covered] = alpha * np.float32(finish.middle_grey) * light ** np.float32(finish.contrast)
    return stretched


@dataclass(frozen=True)
class Backdrop:
    """A photo, 8-bit RGB [h, w, 3], and what people are put into: the same before the camera sharpened it.

    linear [h, w, 3] is that in linear light. clipped [h, w, 3], in grey levels, is what 0..1 cannot hold of it.
    """

    photo: NDArray[np.uint8]
    seen: NDArray[np.bool_]
    sharpening: Sharpening
    linear: NDArray[np.float32]
    clipped: NDArray[np.float32]


def make_backdrop(photo: NDArray[np.uint8], seen: NDArray[np.bool_], sharpening: Sharpening) -> Backdrop:
    before = unsharpen(photo, sharpening)
    clipped = before - np.clip(before, 0, 255)
    return Backdrop(photo, seen, sharpening, float_to_linear(before), clipped)


def composite(
    backdrop: Backdrop,
    layers: RenderedLayers,
    fade: NDArray[np.float32],
    finish: Finish,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The photo with people, 8-bit RGB [h, w, 3]; fade [h, w] scales their shadows.

    People and shadows are put into the photo as it was before the camera sharpened it, and all is sharpened again, so
    that the seams along people's outlines lie on both sides.
    """
    sensor, photo, seen = finish.sensor, backdrop.photo, backdrop.seen
    layer = (
        np.concatenate([stretch_contrast(layers, finish), layers.alpha[..., None]], axis=-1) * seen[..., None]
    )
    layer = blur_motion(layer.astype(np.float32), layers.object_index, finish.shifts_px)
    if sensor.blur_px > 0:
        layer = cv2.GaussianBlur(layer, (0, 0), sensor.blur_px)
    shadow = layers.shadow * fade * finish.shadow_strength * seen
    lit = backdrop.linear * (1 - shadow[..., None])
    encoded = linear_to_srgb(lit * (1 - layer[..., 3:]) + layer[..., :3])
    encoded += layer[..., 3:] * sensor_noise(seen.shape, sensor.noise_grey, rng)[..., None]
    encoded = sharpen(encoded + (1 - layer[..., 3:]) * backdrop.clipped, backdrop.sharpening)
    untouched = _far_from(np.maximum(layer[..., 3], shadow) >= 1 / 512, backdrop.sharpening.reach_px) | ~seen
    image = np.where(untouched[..., None], photo, np.clip(np.round(encoded), 0, 255)).astype(np.uint8)
    if sensor.jpeg_quality is None:
        return image
    return np.where(untouched[..., None], photo, code_as_jpeg(image, sensor.jpeg_quality))


def _far_from(touched: NDArray[np.bool_], reach_px: int) -> NDArray[np.bool_]:
    """[h, w] where nothing within reach_px, in rows or columns, is touched."""
    window = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    return cv2.dilate(touched.astype(np.uint8), window) == 0

"""Soiling over an image, in linear light: the pixels that it does not touch stay as they are, bit for bit."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_assets.soiling.defocus import defocus
from blender_assets.soiling.layers import GLINT, SKY, VEIL, SceneView
from blender_assets.soiling.pane import Pane
from blender_assets.soiling.pattern import SoilingPattern
from blender_assets.soiling.srgb import from_linear, to_linear

_THUMB_PX = 96  # width at which the scene's lights are measured
_VEIL_SHARE = 0.06  # of the width, deviation of the blur in which films show the scene
_LAMPS_PERCENTILE, _SKY_PERCENTILE = 98.5, 85.0  # of light; by night the latter is still dark
_DROP_REDUCTION = 2  # of the image that drops show, which they make smaller still


@dataclass(frozen=True)
class SoilingLayer:
    """alpha [h, w] and color [h, w, 3] of soiling over one scene: linear light, 0..1, premultiplied.

    Where alpha is 0 no color counts.
    """

    alpha: NDArray[np.float32]
    color: NDArray[np.float32]


@dataclass(frozen=True)
class SceneLight:
    """Linear light of a scene over what the lens sees: mean, lamps and sky [3], and a wide blur [ht, wt, 3]."""

    mean: NDArray[np.float32]
    lamps: NDArray[np.float32]
    sky: NDArray[np.float32]
    around: NDArray[np.float32]


def soil(image: NDArray[np.uint8], pattern: SoilingPattern) -> NDArray[np.uint8]:
    """uint8 RGB [h, w, 3] -> the same with the pattern before it."""
    return composite(image, light_pattern(pattern, image))


def composite(image: NDArray[np.uint8], layer: SoilingLayer) -> NDArray[np.uint8]:
    """color + (1 - alpha) * image in linear light; where alpha is 0 the image's own values."""
    touched = layer.alpha > 0
    behind = to_linear(image[touched])
    mixed = layer.color[touched] + (1 - layer.alpha[touched])[:, None] * behind
    result = image.copy()
    result[touched] = from_linear(mixed)
    return result


def light_pattern(pattern: SoilingPattern, image: NDArray[np.uint8]) -> SoilingLayer:
    """The pattern lit by the scene of an image uint8 RGB [h, w, 3].

    Mud and dust by the mean of all that the lens sees, films by the scene around them, scratches and glints by the
    brightest light; drops show the scene itself.
    """
    pane = pattern.pane
    if image.shape != (pane.height_px, pane.width_px, 3):
        raise ValueError(
            f"the image has the shape {image.shape}, but the pattern is of {pane.height_px} x {pane.width_px} pixels"
        )
    linear = to_linear(image)
    scene = measure_light(linear, pane)
    color = pattern.light[..., :3] * scene.mean + pattern.light[..., GLINT, None] * scene.lamps
    color += pattern.light[..., SKY, None] * scene.sky
    color += pattern.light[..., VEIL, None] * cv2.resize(scene.around, pane.shape_hw[::-1])
    if pattern.view is not None:
        color += defocus(_through_drops(pattern.view, linear, pane), pane.blur_blocks)
    # No soiling is brighter than the brightest that the camera shows.
    return SoilingLayer(pattern.alpha, pane.to_pixels(np.minimum(color, pattern.alpha_blocks[..., None])))


def measure_light(linear: NDArray[np.float32], pane: Pane) -> SceneLight:
    """Of an image [h, w, 3] in linear light, over the pixels that the lens lights up."""
    width = min(_THUMB_PX, pane.width_px)
    size = (width, max(1, round(width * pane.height_px / pane.width_px)))
    thumb = np.asarray(cv2.resize(linear, size, interpolation=cv2.INTER_AREA), np.float32)
    seen = cv2.resize(pane.seen.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    lit = thumb[seen > 0.5] if (seen > 0.5).any() else thumb.reshape(-1, 3)
    share = cv2.GaussianBlur(seen, (0, 0), _VEIL_SHARE * width)
    around = cv2.GaussianBlur(thumb * seen[..., None], (0, 0), _VEIL_SHARE * width)
    return SceneLight(
        lit.mean(axis=0),
        np.percentile(lit, _LAMPS_PERCENTILE, axis=0).astype(np.float32),
        np.percentile(lit, _SKY_PERCENTILE, axis=0).astype(np.float32),
        np.asarray(around / np.maximum(share, 1e-3)[..., None], np.float32),
    )


def _through_drops(view: SceneView, linear: NDArray[np.float32], pane: Pane) -> NDArray[np.float32]:
    """[hb, wb, 3] the scene as drops show it, premultiplied by what arrives of it."""
    reduced = max(_DROP_REDUCTION, pane.step)
    size = (max(1, pane.width_px // reduced), max(1, pane.height_px // reduced))
    small = cv2.resize(linear, size, interpolation=cv2.INTER_AREA)
    scale = np.array([size[0] / pane.width_px, size[1] / pane.height_px], np.float32)
    x, y = np.moveaxis(view.pixels_xy * scale - np.float32(0.5), -1, 0)
    shown = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown * view.weight[..., None], np.float32)

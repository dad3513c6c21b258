"""Puts refined crops back into their images (Algorithm 6 of the thesis) without seams.

What returns is the change that the refiner made, not the crop's own pixels: an unrefined crop gives back its image
exactly, and fine detail is not blurred by two resamplings. The change is confined to the person that the crop was made
for and fades towards the crop's border, where the thesis saw sharp edges (Fig. 5.14, 5.15).
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tasks.building import progress
from tasks.building.steps import step
from tasks.datasets.annotations import copy_maps, read_coco, write_coco
from tasks.formats.crops import Crop, read_crops
from tasks.images.files import read_image, read_mask, write_png


class ReinsertionConfig(BaseModel):
    """How the refined crops return into their images."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # change adds what the refiner changed; paste, kept for comparison, is the thesis's Algorithm 6
    blend: Literal["change", "paste"] = "change"
    # width over which the change fades inside a person's outline
    mask_feather_px: float = Field(default=1.5, ge=0)
    # width over which it fades towards the crop's border, in the crop
    border_fade_px: float = Field(default=12.0, ge=0)


def reinsert(
    image: np.ndarray,
    mask: np.ndarray,
    crops: list[tuple[Crop, np.ndarray, np.ndarray]],
    config: ReinsertionConfig,
) -> np.ndarray:
    """uint8 [h, w, 3]: `image` with every (crop, original pixels, refined pixels) put back.

    `mask` holds instance numbers [h, w]; pixels outside of it are returned unchanged.
    """
    if config.blend == "paste":
        return _paste(image, mask, crops)
    change = np.zeros(image.shape, np.float32)
    # An outline this far beyond the crop can still weaken the change inside it.
    margin_px = math.ceil(2 * config.mask_feather_px) + 3
    places = [_place(crop, original.shape[0], mask.shape, margin_px=margin_px) for crop, original, _ in crops]
    for place, (crop, original, refined) in zip(places, crops, strict=True):
        weight = _weight(mask[place.window] == crop.person_id, place, original.shape[0], config)
        difference = refined.astype(np.float32) - original.astype(np.float32)
        change[place.window] += weight[..., None] * place.resample(difference)
    result = image.copy()
    for place in places:
        result[place.window] = _rounded(image[place.window] + change[place.window])
    return result


@dataclass(frozen=True)
class _Place:
    """The part of an image around a crop, `window` (rows, columns), and the crop's 2x3 matrix into that part.

    All work on a crop is done there: on the whole image it would cost as much for every crop as the image is large.
    """

    window: tuple[slice, slice]
    matrix: np.ndarray

    def resample(self, values: np.ndarray) -> np.ndarray:
        """Crop values at the pixels of the window; zero where the crop does not reach."""
        height, width = (side.stop - side.start for side in self.window)
        return cv2.warpAffine(values, self.matrix, (width, height), flags=cv2.INTER_LINEAR)


def _place(crop: Crop, size_px: int, image_hw: tuple[int, ...], *, margin_px: int) -> _Place:
    """Where the image takes anything of the crop, and `margin_px` around; of a crop beyond the image, its nearest pixel."""
    # Interpolation reaches one pixel beyond the crop's outermost pixel centres.
    corners = np.array([[x, y, 1.0] for x in (-1, size_px) for y in (-1, size_px)])
    reach_xy = corners @ crop.matrix.T
    size_xy = np.array([image_hw[1], image_hw[0]])
    first = np.clip(np.floor(reach_xy.min(axis=0)) - margin_px, 0, size_xy - 1).astype(int)
    end = np.clip(np.ceil(reach_xy.max(axis=0)) + margin_px + 1, first + 1, size_xy).astype(int)
    shift = np.column_stack([np.zeros((2, 2)), first])
    return _Place((slice(first[1], end[1]), slice(first[0], end[0])), crop.matrix - shift)


def _weight(outline: np.ndarray, place: _Place, size_px: int, config: ReinsertionConfig) -> np.ndarray:
    """float32 in 0..1 of a place: inside this person's outline and away from the crop's border."""
    fade = place.resample(_window(size_px, config.border_fade_px))
    return _feathered(outline, config.mask_feather_px) * fade


def _feathered(outline: np.ndarray, width_px: float) -> np.ndarray:
    """float32: 0 outside, rising over `width_px` to 1 inside; nothing leaks over the outline."""
    if width_px == 0:
        return outline.astype(np.float32)
    # The image's edge is no outline: a person who is cut off there does not fade. An outermost pixel has distance 1.
    distance = cv2.distanceTransform(outline.astype(np.uint8), cv2.DIST_L2, 3)
    return np.clip(distance / (width_px + 1.0), 0.0, 1.0)


def _window(size_px: int, fade_px: float) -> np.ndarray:
    """float32 [size, size]: 1 inside, smoothly down to 0 at the crop's border."""
    inset = np.minimum(np.arange(size_px) + 0.5, size_px - np.arange(size_px) - 0.5)
    ramp = np.clip(inset / fade_px, 0, 1) if fade_px > 0 else np.ones(size_px)
    smooth = ramp * ramp * (3 - 2 * ramp)
    return np.outer(smooth, smooth).astype(np.float32)


def _paste(
    image: np.ndarray, mask: np.ndarray, crops: list[tuple[Crop, np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Algorithm 6 as written: later crops over earlier ones, everybody's pixels, hard edges."""
    pasted = image.copy()
    for crop, _, refined in crops:
        place = _place(crop, refined.shape[0], mask.shape, margin_px=0)
        is_covered = place.resample(np.ones(refined.shape[:2], np.float32)) > 0.999
        pasted[place.window][is_covered] = _rounded(place.resample(refined.astype(np.float32)))[is_covered]
    return np.where((mask > 0)[..., None], pasted, image)


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def seam_strength(
    image: np.ndarray, result: np.ndarray, mask: np.ndarray, crops: list[Crop], size_px: int
) -> float:
    """How much stronger steps became across crop borders inside people, in grey levels per pixel.

    Mean over border pixels of |gradient of the change|; 0 when nothing changes there. Compares ways to blend.
    """
    gradient, on_border = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, bool)
    for crop in crops:
        place = _place(crop, size_px, mask.shape, margin_px=4)
        window = place.window
        edge = _edge(place, size_px) & _well_inside(mask[window])
        gradient[window][edge] = _gradient_of_change(image[window], result[window])[edge]
        on_border[window] |= edge
    return float(gradient[on_border].mean()) if on_border.any() else 0.0


def _edge(place: _Place, size_px: int) -> np.ndarray:
    """bool of a place: the pixels on both sides of the crop's border."""
    covered = place.resample(np.ones((size_px, size_px), np.float32)) > 0.5
    return cv2.morphologyEx(covered.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(
        bool
    )


def _well_inside(mask: np.ndarray) -> np.ndarray:
    """bool: two pixels inside the people's outlines, which are true edges themselves."""
    return cv2.erode((mask > 0).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)


def _gradient_of_change(image: np.ndarray, result: np.ndarray) -> np.ndarray:
    """float32 [h, w] in grey levels per pixel."""
    change = result.astype(np.float32).mean(axis=2) - image.astype(np.float32).mean(axis=2)
    return cv2.magnitude(cv2.Sobel(change, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(change, cv2.CV_32F, 0, 1) / 8)


@step("refined-scenes", libraries=("numpy", "opencv-python-headless"))
def reinsert_crops(out: Path, config: ReinsertionConfig, scenes: Path, crops: Path, refined: Path) -> None:
    """The refined images of one shard of scenes, with the masks and annotations of the rendered ones."""
    parts: dict[str, list[tuple[Crop, np.ndarray, np.ndarray]]] = {}
    originals, changed = np.load(crops / "crops.npy"), np.load(refined / "crops.npy")
    for crop, original, new in zip(read_crops(crops), originals, changed, strict=True):
        parts.setdefault(crop.image_name, []).append((crop, original, new))
    images = read_coco(scenes / "annotations.json")
    seams = []
    for done, image in enumerate(images):
        assert image.mask_name is not None
        source, mask = read_image(scenes / image.file_name), read_mask(scenes / image.mask_name)
        own = parts.get(image.file_name, [])
        result = reinsert(source, mask, own, config)
        seams.append(seam_strength(source, result, mask, [crop for crop, _, _ in own], originals.shape[1]))
        write_png(out / image.file_name, result)
        copy_maps(image, scenes, out)
        progress.report(done + 1, len(images))
    write_coco(out / "annotations.json", images)
    (out / "seams.json").write_text(
        json.dumps({"mean_grey_levels_per_px": float(np.mean(seams or [0.0]))}), encoding="utf-8"
    )

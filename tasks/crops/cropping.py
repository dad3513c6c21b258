"""Cuts upright crops around heads (Algorithm 5 of the thesis), the head always at the same place."""

import json
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tasks.building import progress
from tasks.building.steps import step
from tasks.crops.crop_regions import crop_regions, read_outlines
from tasks.datasets.annotations import AnnotatedImage, Annotation, read_datasets
from tasks.formats.crops import Crop
from tasks.images.files import read_image, write_png


class CropConfig(BaseModel):
    """How people are cut out for the refiner."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # edge of the square crops, a multiple of 4; the thesis has 128
    size_px: int = Field(default=128, ge=32, multiple_of=4)
    # place of the head's centre in the crop, as shares of its width and height
    head_at: tuple[float, float] = (0.5, 0.25)
    # above 1 a crop shows more and is sampled more coarsely
    source_px_per_crop_px: float = Field(default=1.0, gt=0)
    # visible share that a head needs to be cropped; 0 takes hidden ones too
    min_head_visibility: float = Field(default=0.3, ge=0, le=1)


def crop_to_image_matrix(
    head_px: tuple[float, float], nadir_px: tuple[float, float], config: CropConfig
) -> np.ndarray:
    """float64 [2, 3]: crop pixel indices -> image pixel indices, similar and orientation-preserving.

    The direction from the nadir to the head, in which a standing person's image points, becomes "up". Coordinates of
    boxes and nadir have pixel centres at +0.5, indices at 0: both shifts cancel but for the half pixels here.
    """
    outward = np.subtract(head_px, nadir_px)
    norm = np.hypot(*outward)
    up = outward / norm if norm > 1e-6 else np.array([0.0, -1.0])
    right = np.array([-up[1], up[0]])
    linear = np.stack([right, -up], axis=1) * config.source_px_per_crop_px
    anchor = np.asarray(config.head_at) * config.size_px - 0.5
    offset = np.asarray(head_px) - 0.5 - linear @ anchor
    return np.concatenate([linear, offset[:, None]], axis=1)


def cut(image: np.ndarray, crop_to_image: np.ndarray, size_px: int) -> np.ndarray:
    """uint8 [size, size, ...]: the image seen through the crop; beyond the image's border it is reflected."""
    scale = float(np.hypot(*crop_to_image[:, 0]))
    if scale > 1:  # a crop that shows more than its pixels: without this it would alias
        image = cv2.GaussianBlur(image, (0, 0), 0.4 * scale)
    return cv2.warpAffine(
        image,
        crop_to_image,
        (size_px, size_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def seen_heads(image: AnnotatedImage, config: CropConfig) -> list[Annotation]:
    """The heads that can be seen well enough to be cut out; heads at the border are kept."""
    return [head for head in image.boxes("head") if head.visibility >= config.min_head_visibility]


def plan_crops(image: AnnotatedImage, config: CropConfig) -> list[Crop]:
    """One crop for every head that can be seen well enough, in their order."""
    stem = Path(image.file_name).stem
    crops = []
    for head in seen_heads(image, config):
        left, top, right, bottom = head.box_xyxy
        matrix = crop_to_image_matrix(((left + right) / 2, (top + bottom) / 2), image.nadir_px, config)
        rows = tuple(tuple(float(value) for value in row) for row in matrix)
        crops.append(Crop(f"{stem}_{len(crops) + 1}.png", image.file_name, head.person_id, rows))
    return crops


@step("crops", libraries=("numpy", "opencv-python-headless", "pycocotools"))
def extract_crops(out: Path, config: CropConfig, images: list[Path]) -> None:
    """Crops of all images of the datasets: `crops.npy` (n, size, size, 3), `regions.npy` (n, size, size), `crops.json`
    and PNGs to look at.
    """
    crops, pixels, regions = [], [], []
    dataset = read_datasets(images)
    for done, (folder, image) in enumerate(dataset):
        source = read_image(folder / image.file_name)
        planned = plan_crops(image, config)
        crops += planned
        pixels += [cut(source, crop.matrix, config.size_px) for crop in planned]
        regions += _cut_regions(folder, image, planned, config)
        progress.report(done + 1, len(dataset))
    for crop, crop_pixels in zip(crops, pixels, strict=True):
        write_png(out / "images" / crop.name, crop_pixels)
    np.save(out / "crops.npy", np.array(pixels, np.uint8).reshape(-1, config.size_px, config.size_px, 3))
    np.save(out / "regions.npy", np.array(regions, np.uint8).reshape(-1, config.size_px, config.size_px))
    (out / "crops.json").write_text(json.dumps([asdict(crop) for crop in crops]), encoding="utf-8")


def _cut_regions(
    folder: Path, image: AnnotatedImage, crops: list[Crop], config: CropConfig
) -> list[np.ndarray]:
    outlines = read_outlines(folder, image)
    return [
        crop_regions(outlines.get(crop.person_id), head, crop.matrix, config.size_px)
        for crop, head in zip(crops, seen_heads(image, config), strict=True)
    ]

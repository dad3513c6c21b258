"""Turns annotated images into arrays of the detector's input size, decoded once for all trainings."""

import json
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tasks.building import progress
from tasks.building.steps import step
from tasks.datasets.annotations import AnnotatedImage, Annotation, Target, read_datasets
from tasks.formats.detection_sets import SetImage
from tasks.images.files import read_image


class DetectionSetConfig(BaseModel):
    """What is to be detected, and at which size the detector sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target = "head"  # the kind of box that is to be found
    # width of images for the detector, a multiple of 16; the thesis has 448
    input_width_px: int = Field(default=448, ge=64, multiple_of=16)
    # height of images for the detector, a multiple of 16; the thesis has 336
    input_height_px: int = Field(default=336, ge=64, multiple_of=16)
    # boxes of which a smaller share is seen are neither required nor counted wrong
    min_visibility: float = Field(default=0.3, ge=0, le=1)


def letterbox(image: np.ndarray, width_px: int, height_px: int) -> tuple[np.ndarray, float, float, float]:
    """Scale to fit, centred on grey, aspect kept: (pixels, scale, left_px, top_px)."""
    height, width = image.shape[:2]
    scale = min(width_px / width, height_px / height)
    left, top = (width_px - width * scale) / 2, (height_px - height * scale) / 2
    # Pixel centres lie at +0.5: the index of a centre moves by (scale - 1) / 2 beside the shift.
    shift = (scale - 1) / 2
    matrix = np.array([[scale, 0, left + shift], [0, scale, top + shift]])
    if scale < 1:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale)
    flags = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_CONSTANT, "borderValue": (114, 114, 114)}
    return cv2.warpAffine(image, matrix, (width_px, height_px), **flags), scale, left, top


def select_boxes(
    image: AnnotatedImage, config: DetectionSetConfig
) -> tuple[list[Annotation], list[Annotation]]:
    """What must be found, and what may be found or not: crowds, hidden ones and estimates."""
    wanted, ignored = [], []
    for box in image.boxes(config.target):
        is_sure = box.visibility >= config.min_visibility and not box.is_crowd and not box.is_estimated
        (wanted if is_sure else ignored).append(box)
    return wanted, ignored


def fit_image(
    image: AnnotatedImage, pixels: np.ndarray, config: DetectionSetConfig
) -> tuple[np.ndarray, SetImage]:
    """The image's pixels at the detector's size, and its record."""
    fitted, scale, left, top = letterbox(pixels, config.input_width_px, config.input_height_px)
    wanted, ignored = select_boxes(image, config)
    record = SetImage(
        name=image.file_name,
        clip=image.clip,
        scale=scale,
        left_px=left,
        top_px=top,
        boxes_xyxy=tuple(box.box_xyxy for box in wanted),
        ignore_xyxy=tuple(box.box_xyxy for box in ignored),
        visibilities=tuple(box.visibility for box in wanted),
    )
    return fitted, record


def require_boxes(images: list[AnnotatedImage], config: DetectionSetConfig, *, of: str = "") -> None:
    """ValueError where none of the images (`of` says which) has a box that must be found."""
    wanted, ignored = zip(*(select_boxes(image, config) for image in images), strict=True)
    if not any(wanted):
        raise ValueError(
            f"none of the {len(images)} images {of}has a {config.target} box that is seen to at least "
            f"{config.min_visibility:g} and is no crowd or estimate ({sum(map(len, ignored))} others); annotate some, lower "
            "detection.min_visibility, or set detection.target to the kind of box that the annotations have"
        )


@step("detection-set", libraries=("numpy", "opencv-python-headless", "pillow"))
def prepare_detection_set(out: Path, config: DetectionSetConfig, images: list[Path]) -> None:
    """`images.npy` uint8 [n, h, w, 3] and `images.json` with every image's boxes.

    Raises ValueError when no image has a box of the target.
    """
    dataset = read_datasets(images)
    shape = (len(dataset), config.input_height_px, config.input_width_px, 3)
    pixels = np.lib.format.open_memmap(out / "images.npy", mode="w+", dtype=np.uint8, shape=shape)
    records = []
    for index, (folder, image) in enumerate(dataset):
        pixels[index], record = fit_image(image, read_image(folder / image.file_name), config)
        records.append(asdict(record))
        progress.report(index + 1, len(dataset))
    pixels.flush()
    require_boxes([image for _, image in dataset], config)
    (out / "images.json").write_text(json.dumps(records), encoding="utf-8")

"""Picture panels of the report: rows of images with captions, as JPEG in data URIs."""

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.datasets.annotations import AnnotatedImage, Target, read_coco
from tasks.images.drawing import AMBER, GREEN, RED, color_mask, draw_boxes
from tasks.images.files import encode_jpeg, read_image, read_mask


@dataclass(frozen=True)
class Picture:
    """One captioned picture; `source` is a data URI."""

    caption: str
    source: str
    width_px: int
    height_px: int


def picture(image: np.ndarray, caption: str, *, min_width_px: int = 0) -> Picture:
    """Encode uint8 [h, w, 3]; small images are enlarged without smoothing up to `min_width_px`."""
    factor = max(1, -(-min_width_px // image.shape[1]))
    if factor > 1:
        image = np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)
    text = base64.b64encode(encode_jpeg(image)).decode()
    return Picture(caption, f"data:image/jpeg;base64,{text}", image.shape[1], image.shape[0])


def scene_row(scenes: Path, refined: Path, image: AnnotatedImage, target: Target) -> list[Picture]:
    """One scene: as rendered, its instance mask, with the refined people, and with its boxes."""
    assert image.mask_name is not None
    rendered, result = read_image(scenes / image.file_name), read_image(refined / image.file_name)
    boxes = draw_boxes(rendered, [box.box_xyxy for box in image.boxes(target)], GREEN)
    return [
        picture(rendered, "S: rendered"),
        picture(color_mask(read_mask(scenes / image.mask_name)), "instance mask"),
        picture(result, "S+: refined and reinserted"),
        picture(boxes, f"{target} boxes"),
    ]


def crop_pairs(crops: Path, refined: Path, count: int) -> list[Picture]:
    """Crops beside what the refiner made of them, evenly chosen."""
    before, after = np.load(crops / "crops.npy"), np.load(refined / "crops.npy")
    chosen = np.unique(np.linspace(0, len(before) - 1, count).astype(int)) if len(before) else []
    return [
        picture(np.concatenate([before[index], after[index]], axis=1), "cS | cS+", min_width_px=192)
        for index in chosen
    ]


def crop_samples(crops: Path, count: int) -> list[Picture]:
    """Real crops, evenly chosen."""
    pixels = np.load(crops / "crops.npy")
    chosen = np.unique(np.linspace(0, len(pixels) - 1, count).astype(int)) if len(pixels) else []
    return [picture(pixels[index], "cR_train", min_width_px=96) for index in chosen]


def real_samples(folder: Path, target: Target, count: int) -> list[Picture]:
    """Real training images with their boxes, evenly chosen."""
    images = read_coco(folder / "annotations.json")
    chosen = np.unique(np.linspace(0, len(images) - 1, count).astype(int))
    pictures = []
    for index in chosen:
        boxes = [box.box_xyxy for box in images[index].boxes(target)]
        drawn = draw_boxes(read_image(folder / images[index].file_name), boxes, GREEN)
        pictures.append(picture(drawn, f"R_train: {Path(images[index].file_name).stem}"))
    return pictures


def detection_picture(
    image: np.ndarray, truth: np.ndarray, found: np.ndarray, is_true: np.ndarray, caption: str
) -> Picture:
    """Boxes that were to be found in amber, true detections in green, false ones in red."""
    drawn = draw_boxes(image, truth, AMBER)
    drawn = draw_boxes(drawn, found[is_true], GREEN)
    return picture(draw_boxes(drawn, found[~is_true], RED), caption)

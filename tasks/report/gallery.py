"""Rendered images that tell most about a renderer: some at random, and the extremes."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tasks.datasets.annotations import AnnotatedImage, Box, Target, read_datasets
from tasks.images.drawing import AMBER, GREEN, draw_boxes
from tasks.images.files import read_image
from tasks.report.panels import Picture, picture

PER_ROW, MAX_WIDTH_PX = 4, 560
Scene = tuple[Path, AnnotatedImage]


def gallery(scenes: list[Path]) -> dict[str, list[Picture]]:
    """Rows of pictures with boxes, by title; `scenes` are the folders of rendered shards.

    An image of which a row can say nothing (no head for the smallest head) is not in that row.
    """
    everything = read_datasets(scenes)
    order = np.random.default_rng(0).permutation(len(everything))[:PER_ROW]
    return {
        "Random": [_picture(everything[index], "") for index in order],
        "Most people": _extremes(everything, _fewness, lambda value: f"{-value:.0f} people"),
        "Most hidden": _extremes(
            everything, _visibility, lambda value: f"{100 * value:.0f} % of people seen"
        ),
        "Smallest heads": _extremes(everything, _smallest_head_px, lambda value: f"head of {value:.0f} px"),
    }


def _extremes(
    scenes: list[Scene], measure: Callable[[AnnotatedImage], float | None], describe: Callable[[float], str]
) -> list[Picture]:
    """The images with the smallest measures, each with what was measured."""
    values = [
        (value, index) for index, (_, image) in enumerate(scenes) if (value := measure(image)) is not None
    ]
    return [_picture(scenes[index], describe(value)) for value, index in sorted(values)[:PER_ROW]]


def _fewness(image: AnnotatedImage) -> float:
    return -float(len(image.boxes("person")))


def _visibility(image: AnnotatedImage) -> float | None:
    """Mean visible share of the image's people."""
    shares = [box.visibility for box in image.boxes("person")]
    return float(np.mean(shares)) if shares else None


def _smallest_head_px(image: AnnotatedImage) -> float | None:
    """Longer side of the smallest head box."""
    boxes = np.array([box.box_xyxy for box in image.boxes("head")]).reshape(-1, 4)
    return float((boxes[:, 2:] - boxes[:, :2]).max(axis=1).min()) if len(boxes) else None


def _picture(scene: Scene, note: str) -> Picture:
    folder, image = scene
    drawn = draw_boxes(read_image(folder / image.file_name), _boxes(image, "person"), GREEN)
    drawn = draw_boxes(drawn, _boxes(image, "head"), AMBER)
    scale = min(1.0, MAX_WIDTH_PX / image.width_px)
    size = (round(image.width_px * scale), round(image.height_px * scale))
    small = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA) if scale < 1 else drawn
    name = f"{image.clip} {Path(image.file_name).stem}"
    return picture(small, f"{name}: {note}" if note else name)


def _boxes(image: AnnotatedImage, target: Target) -> list[Box]:
    return [box.box_xyxy for box in image.boxes(target)]

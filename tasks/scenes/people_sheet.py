"""Real people and rendered ones side by side: their figures, and a sheet of crops at full size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tasks.datasets.annotations import AnnotatedImage, RotatedBox
from tasks.scenes.people_figures import (
    PeopleFigures,
    comparable_people,
    measure_person,
    median_figures,
    outline,
)

ReadImage = Callable[[AnnotatedImage], np.ndarray]
SHEET_COLUMNS, MOST_ROWS, LABEL_PX, GAP_PX = 7, 2, 24, 6
CELL_PX = (64, 256)  # least and most
CELL_PERCENTILE, CELL_MARGIN = 90, 1.15


@dataclass(frozen=True, eq=False)
class SeenPerson:
    """One person in one image; `pixels` is the whole image, uint8 RGB."""

    pixels: np.ndarray
    box: RotatedBox
    figures: PeopleFigures


def has_rotated_boxes(images: Sequence[AnnotatedImage]) -> bool:
    """Whether every comparable person has one; both sides are measured in the form that the real ones have."""
    return all(box.rotated_box is not None for image in images for box in comparable_people(image))


def see_people(
    images: Sequence[AnnotatedImage], read: ReadImage, *, is_rotated: bool, whose: str
) -> list[SeenPerson]:
    """Everybody who can be measured; ValueError if that is nobody. `whose`: "real" or "rendered", for its message."""
    people = []
    for image in images:
        boxes = comparable_people(image)
        pixels = read(image) if boxes else np.empty(0)
        for box in (outline(box, is_rotated=is_rotated) for box in boxes):
            figures = measure_person(pixels, box)
            if figures is not None:
                people.append(SeenPerson(pixels, box, figures))
    if not people:
        raise ValueError(
            f"none of the {len(images)} {whose} images has a person box that can be compared; person boxes are needed, of "
            "people who are at least 30 % visible and a few pixels large"
        )
    return people


def median_of(people: Sequence[SeenPerson]) -> PeopleFigures:
    return median_figures([person.figures for person in people])


def people_sheet(real: Sequence[SeenPerson], rendered: Sequence[SeenPerson]) -> np.ndarray:
    """uint8 RGB: rows of real people above rows of rendered ones, evenly chosen, a pixel of the image for each pixel."""
    side_px = _cell_side([*real, *rendered])
    rows = [
        _label("real", side_px),
        *_rows(real, side_px),
        _label("rendered", side_px),
        *_rows(rendered, side_px),
    ]
    return np.concatenate(rows)


def _cell_side(people: Sequence[SeenPerson]) -> int:
    longest = np.percentile([person.figures.length_px for person in people], CELL_PERCENTILE)
    return round(float(np.clip(CELL_MARGIN * longest, *CELL_PX)))


def _rows(people: Sequence[SeenPerson], side_px: int) -> list[np.ndarray]:
    count = min(len(people), SHEET_COLUMNS * MOST_ROWS)
    chosen = [people[number] for number in np.linspace(0, len(people) - 1, count).round().astype(int)]
    cells = [_cell(person, side_px) for person in chosen]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % SHEET_COLUMNS)
    return [np.concatenate(cells[k : k + SHEET_COLUMNS], axis=1) for k in range(0, len(cells), SHEET_COLUMNS)]


def _cell(person: SeenPerson, side_px: int) -> np.ndarray:
    """The square around the middle of the box, in a white frame; black beyond the image's edge."""
    margin = ((side_px, side_px), (side_px, side_px), (0, 0))
    padded = np.pad(person.pixels, margin)
    left, top = (max(0, int(middle) + side_px - side_px // 2) for middle in person.box[:2])
    cell = np.full((side_px + GAP_PX, side_px + GAP_PX, 3), 255, np.uint8)
    cell[:side_px, :side_px] = 0
    crop = padded[top : top + side_px, left : left + side_px]
    cell[: crop.shape[0], : crop.shape[1]] = crop
    return cell


def _label(text: str, side_px: int) -> np.ndarray:
    label = np.full((LABEL_PX, SHEET_COLUMNS * (side_px + GAP_PX), 3), 255, np.uint8)
    return cv2.putText(label, text, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)

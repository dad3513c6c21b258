"""A quick look at what a configuration renders: some scenes, coarse or in full, and contact sheets of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tasks.building import progress
from tasks.datasets.annotations import AnnotatedImage
from tasks.images.drawing import AMBER, GREEN, draw_boxes
from tasks.images.files import read_image
from tasks.scenes.rendering import RenderConfig, RenderSource, render_over, scene_image

_SHEET_WIDTH_PX, _GAP_PX, _LABEL_PX = 1800, 6, 22


@dataclass(frozen=True)
class PreviewScene:
    """One rendered scene: `folder` is what its file names are relative to, `record` all that is known of it."""

    folder: Path
    image: AnnotatedImage
    record: dict[str, Any]

    @property
    def label(self) -> str:
        people = len(self.record["people"])
        return f"{self.image.clip}  scene {self.record['scene']}  {people} people"


def choose_scenes(backgrounds: Sequence[str], count: int) -> dict[str, list[int]]:
    """`count` scenes by background, all backgrounds in turn."""
    chosen: dict[str, list[int]] = {}
    for number in range(count):
        chosen.setdefault(backgrounds[number % len(backgrounds)], []).append(number // len(backgrounds))
    return chosen


def render_previews(
    sources: dict[str, RenderSource],
    config: RenderConfig,
    scenes: dict[str, list[int]],
    *,
    scale: float,
    num_workers: int,
    out: Path,
) -> list[PreviewScene]:
    """Render scenes (numbers by background) over imported backgrounds, by name.

    People are rendered at `scale` of the photo's resolution.
    Raises ValueError and ChildFailed like the rendering itself. Progress counts scenes over all workers.
    """
    count = _SharedCount(sum(map(len, scenes.values())))

    def render(name: str, numbers: list[int]) -> list[PreviewScene]:
        progress.listen(count.listener())
        source, folder = sources[name], out / name
        records = render_over(source, config.settings, numbers, seed=config.seed, out=folder, scale=scale)
        return [PreviewScene(folder, scene_image(record, **source.origin), record) for record in records]

    jobs = [(name, part) for name, numbers in scenes.items() for part in _parts(numbers, num_workers, scenes)]
    with ThreadPoolExecutor(num_workers) as pool:
        futures = [pool.submit(copy_context().run, render, *job) for job in jobs]
        found = [scene for future in futures for scene in future.result()]
    return sorted(found, key=lambda scene: (scene.image.clip, scene.record["scene"]))


def contact_sheet(scenes: Sequence[PreviewScene], *, has_boxes: bool, columns: int = 4) -> np.ndarray:
    """uint8 RGB: all scenes in rows, each with its label; person boxes in green, head boxes in amber."""
    columns = min(columns, len(scenes))
    width_px = _SHEET_WIDTH_PX // columns
    cells = [_cell(scene, width_px, has_boxes=has_boxes) for scene in scenes]
    height_px = max(cell.shape[0] for cell in cells)
    rows = -(-len(cells) // columns)
    sheet = np.full((rows * (height_px + _GAP_PX), columns * (width_px + _GAP_PX), 3), 255, np.uint8)
    for number, cell in enumerate(cells):
        top = number // columns * (height_px + _GAP_PX)
        left = number % columns * (width_px + _GAP_PX)
        sheet[top : top + cell.shape[0], left : left + width_px] = cell
    return sheet


def draw_scene(scene: PreviewScene, *, has_boxes: bool) -> np.ndarray:
    """The rendered image in full size, uint8 RGB."""
    image = read_image(scene.folder / scene.image.file_name)
    if not has_boxes:
        return image
    image = draw_boxes(image, [box.box_xyxy for box in scene.image.boxes("person")], GREEN)
    return draw_boxes(image, [box.box_xyxy for box in scene.image.boxes("head")], AMBER)


def _cell(scene: PreviewScene, width_px: int, *, has_boxes: bool) -> np.ndarray:
    image = draw_scene(scene, has_boxes=has_boxes)
    height_px = round(image.shape[0] * width_px / image.shape[1])
    small = cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA)
    label = np.full((_LABEL_PX, width_px, 3), 255, np.uint8)
    cv2.putText(label, scene.label, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    return np.concatenate([label, small])


def _parts(numbers: list[int], num_workers: int, scenes: dict[str, list[int]]) -> list[list[int]]:
    """A background's scenes in as many parts as keep all workers busy."""
    count = max(1, num_workers // len(scenes))
    return [numbers[start::count] for start in range(count) if numbers[start::count]]


class _SharedCount:
    """Adds up the progress of several renderers; each reports its own done scenes."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done: dict[int, int] = {}
        self.heard = progress.current()

    def listener(self) -> Callable[[int, int, str], None]:
        number = len(self.done)
        self.done[number] = 0

        def hear(done: int, total: int, note: str) -> None:
            self.done[number] = done
            if self.heard is not None:
                self.heard(sum(self.done.values()), self.total, note)

        return hear

"""The page of a detector's scores on annotated photos: one self-contained HTML file."""

import time
from pathlib import Path

import cv2
import numpy as np

from models.detection.scoring.metrics import IGNORED
from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.detection.annotated_photos import AnnotatedPhotos
from tasks.detection.breakdown import worst_images
from tasks.detection.scoring_photos import Scorecard
from tasks.report import plots
from tasks.report.panels import Picture, detection_picture
from tasks.report.score_content import ScoreContent
from tasks.report.score_tables import (
    bin_tables,
    difference_table,
    error_table,
    figure_table,
    say_size,
    scene_table,
)
from tasks.report.templates import render_run_page

_NUM_WORST, _LONGEST_SIDE_PX = 6, 900


def write_score_page(path: Path, content: ScoreContent, photos: AnnotatedPhotos) -> None:
    """Write `path` (index.html), which works from disk without a network."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cards = content.cards
    curves = {card.name: [card.curves] for card in cards}
    results = [figure_table(content), difference_table(content), *map(scene_table, cards)]
    values = {
        "size": say_size(content),
        "sentences": content.sentences(),
        "notes": content.notes,
        "results": [table for table in results if table is not None],
        "errors": [error_table(content), *bin_tables(content)],
        "worst": {card.name: _worst(card, photos) for card in cards},
        "plots": {
            "precision_recall": plots.precision_over_recall(curves),
            "f1_threshold": plots.f1_over_threshold(curves),
        },
    }
    facts = RunFacts(" and ".join(card.name for card in cards), time.time(), {}, [], [])
    template, settings = Path(__file__).with_name("score_page.html"), content.record()["settings"]
    write_atomically(path, render_run_page(template, facts, values, config=settings))


def _worst(card: Scorecard, photos: AnnotatedPhotos) -> list[Picture]:
    """The photos with most errors."""
    return [_draw(card, photos, index) for index in worst_images([card.anatomies], most=_NUM_WORST)]


def _draw(card: Scorecard, photos: AnnotatedPhotos, index: int) -> Picture:
    detections, anatomy = card.found.images[index], card.anatomies[index]
    kept = detections.boxes_xyxy[detections.scores >= card.threshold]
    truth = np.array(card.found.records[index].boxes_xyxy, np.float32).reshape(-1, 4)
    pixels, scale = _fit(photos.read(photos.images[index]))
    counted = anatomy.box_of != IGNORED
    return detection_picture(
        pixels,
        truth * scale,
        kept[counted] * scale,
        anatomy.box_of[counted] >= 0,
        photos.images[index].file_name,
    )


def _fit(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """Made smaller where it is larger than a page shows, and the scale."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _LONGEST_SIDE_PX / max(height, width))
    size = (round(width * scale), round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels, scale

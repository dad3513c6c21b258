"""Pictures of the places where a run's detectors contradict an annotation together."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tasks.formats.detection_sets import read_set
from tasks.images.drawing import AMBER, RED, draw_boxes
from tasks.report.panels import picture

_SHOWN = 6


def label_rows(content: dict[str, Any], images: Path) -> dict[str, list[dict[str, Any]]]:
    """By title: the largest boxes that nothing found, and the places without a box that most detectors see.

    `content` is that of label_check.json, `images` the folder of the set that was checked.
    """
    pixels, records = read_set(images)

    def shown(item: dict[str, Any], note: str) -> dict[str, Any]:
        record = records[item["index"]]
        image = draw_boxes(np.asarray(pixels[item["index"]]), record.to_input(record.boxes_xyxy), AMBER)
        image = draw_boxes(image, record.to_input(item["box_xyxy"]), RED)
        return asdict(picture(image, f"{Path(record.name).stem}: {note}"))

    return {
        "Boxes that no detector finds": [
            shown(item, "found by none") for item in content["unfound"][:_SHOWN]
        ],
        "Places without a box that most detectors see": [
            shown(item, f"{item['num_detectors']} detectors, mean score {item['mean_score']:.2f}")
            for item in content["unlabelled"][:_SHOWN]
        ],
    }

"""Detections in the forms that other tools score: COCO's results, YOLO's lines with scores, Pascal VOC's result files."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from tasks.datasets.annotations import CATEGORY_IDS, AnnotatedImage, Box, Target, write_coco
from tasks.exporting.whole_folder import written_whole

PredictionForm = Literal["coco", "yolo", "voc"]
PREDICTION_FORMS: tuple[PredictionForm, ...] = get_args(PredictionForm)


@dataclass(frozen=True)
class Prediction:
    """What a detector found in one image, best first: boxes in its pixels and scores."""

    image: AnnotatedImage
    boxes_xyxy: tuple[Box, ...]
    scores: tuple[float, ...]

    @property
    def stem(self) -> str:
        return Path(self.image.file_name).stem

    def above(self, min_score: float) -> "Prediction":
        """Without what is less sure."""
        kept = [index for index, score in enumerate(self.scores) if score >= min_score]
        return replace(
            self,
            boxes_xyxy=tuple(self.boxes_xyxy[index] for index in kept),
            scores=tuple(self.scores[index] for index in kept),
        )


def export_predictions(
    predictions: Sequence[Prediction],
    target_folder: Path,
    *,
    form: PredictionForm,
    target: Target,
    min_score: float = 0.0,
) -> int:
    """Write all predictions with at least this score; returns their number. ValueError for a folder that is not empty.

    `coco`: `results.json`, and `annotations.json` with the images' ids and true boxes; `yolo`: `labels/` with a sixth
    value, the score, and `data.yaml`; `voc`: `Main/comp4_det_test_TARGET.txt`. Images are not copied.
    """
    if not 0 <= min_score <= 1:
        raise ValueError(f"--min-score must be from 0 to 1, but was {min_score}; 0 keeps every detection")
    chosen = [prediction.above(min_score) for prediction in predictions]
    with written_whole(target_folder) as partial:
        _WRITERS[form](partial, chosen, target)
    return sum(len(prediction.scores) for prediction in chosen)


def _write_coco(out: Path, predictions: list[Prediction], target: Target) -> None:
    records = [
        {
            "image_id": number,
            "category_id": CATEGORY_IDS[target],
            "bbox": [left, top, right - left, bottom - top],
            "score": score,
        }
        for number, prediction in enumerate(predictions, start=1)
        for (left, top, right, bottom), score in _pairs(prediction)
    ]
    (out / "results.json").write_text(json.dumps(records), encoding="utf-8")
    write_coco(out / "annotations.json", [prediction.image for prediction in predictions])


def _write_yolo(out: Path, predictions: list[Prediction], target: Target) -> None:
    (out / "labels").mkdir()
    for prediction in predictions:
        width, height = prediction.image.width_px, prediction.image.height_px
        lines = []
        for (left, top, right, bottom), score in _pairs(prediction):
            center = ((left + right) / 2 / width, (top + bottom) / 2 / height)
            values = (*center, (right - left) / width, (bottom - top) / height, score)
            lines.append("0 " + " ".join(f"{value:.7f}" for value in values) + "\n")
        (out / "labels" / f"{prediction.stem}.txt").write_text("".join(lines), encoding="utf-8")
    (out / "data.yaml").write_text(yaml.safe_dump({"names": {0: target}}), encoding="utf-8")


def _write_voc(out: Path, predictions: list[Prediction], target: Target) -> None:
    """Pixels count from 1 and belong to the box, as in VOC's own tools; these take fractions."""
    (out / "Main").mkdir()
    lines = [
        f"{prediction.stem} {score:.6f} {left + 1:.3f} {top + 1:.3f} {right:.3f} {bottom:.3f}\n"
        for prediction in predictions
        for (left, top, right, bottom), score in _pairs(prediction)
    ]
    (out / "Main" / f"comp4_det_test_{target}.txt").write_text("".join(lines), encoding="utf-8")


def _pairs(prediction: Prediction) -> list[tuple[Box, float]]:
    return list(zip(prediction.boxes_xyxy, prediction.scores, strict=True))


_WRITERS: dict[PredictionForm, Callable[[Path, list[Prediction], Target], None]] = {
    "coco": _write_coco,
    "yolo": _write_yolo,
    "voc": _write_voc,
}


def read_predictions(folder: Path, images: Sequence[AnnotatedImage]) -> list[Prediction]:
    """The content of a detector's `detections.json`, with the images that it names, in its order."""
    by_name = {image.file_name: image for image in images}
    content: dict[str, Any] = json.loads((folder / "detections.json").read_text(encoding="utf-8"))
    return [
        Prediction(
            by_name[entry["name"]],
            tuple((box[0], box[1], box[2], box[3]) for box in entry["boxes_xyxy"]),
            tuple(entry["scores"]),
        )
        for entry in content["images"]
    ]

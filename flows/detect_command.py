"""`python -m flows detect ...`: what a trained detector finds in photos, as JSON lines and as pictures."""

import json
from pathlib import Path

from flows.artifact_commands import open_store
from tasks.artifacts.lookup import find_artifact
from tasks.drawing import GREEN, draw_boxes
from tasks.images import write_png
from tasks.photo_detection import detect_in_photos, list_photos


def detect(root: Path, model: str, images: Path, *, to: Path | None, threshold: float | None) -> int:
    """One line of JSON a photo; with `to` also the photos with their boxes, as PNG files in that folder.

    `model`: a file that a training wrote, or the key of a detector in the store at `root`.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ValueError(f"--threshold must be in 0..1, but was {threshold}")
    photos = list_photos(images)
    for found in detect_in_photos(_checkpoint(root, model), photos, threshold=threshold):
        line = {
            "image": found.path.name,
            "boxes_xyxy": found.boxes_xyxy.astype(float).round(1).tolist(),
            "scores": [round(float(score), 4) for score in found.scores],
        }
        print(json.dumps(line))
        if to is not None:
            to.mkdir(parents=True, exist_ok=True)
            write_png(to / f"{found.path.name}.png", draw_boxes(found.pixels, found.boxes_xyxy, GREEN))
    return 0


def _checkpoint(root: Path, model: str) -> Path:
    if Path(model).is_file():
        return Path(model)
    store = open_store(root)
    manifest = find_artifact(store, model)
    if manifest.kind != "detector":
        raise ValueError(
            f"the artifact {manifest.key[:12]} is of the kind {manifest.kind}, but a detector is needed; "
            "`artifacts ls` lists the kinds"
        )
    ref = store.find(manifest.key)
    if ref is None:
        raise ValueError(f"the detector {manifest.key[:12]} is gone or damaged; run its configuration again")
    return store.folder(ref) / "detector.pt"

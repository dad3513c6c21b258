"""Step: tells images of day from those of night, and how well that agrees with what is known of their light."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapSet, read_label_maps
from tasks.formats.record_patterns import Patterns, matches
from tasks.images.files import write_png
from tasks.night.lighting import Lighting, brightness_histograms, find_prototypes, tell_lighting

TWILIGHT_WORDS = ("twilight", "dusk", "dawn", "dawn/dusk")  # as data sets call it
_KINDS = ("day", "twilight", "night")
_BORDERLINE = 12  # images on the contact sheet
_CELL_PX = 240


class LightingConfig(BaseModel):
    """How day and night are told apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # examples of both, by their records; left out: the brightest and the darkest images begin two groups
    day: Patterns | None = None
    night: Patterns | None = None
    # below this share of |a - b| / (a + b) of the distances to day and night an image is twilight, which is not used
    least_margin: float = Field(default=0.2, ge=0, le=1)


@step("lighting", libraries=("numpy", "opencv-python-headless"))
def split_by_lighting(out: Path, config: LightingConfig, images: Path) -> None:
    """`lighting.json`: the kind of every image by its name with both distances, and, where conditions are known, how often
    it agrees; `borderline.png`: the least clear images, to look at.
    """
    data = read_label_maps(images)
    histograms = brightness_histograms(data.images)
    found = tell_lighting(
        histograms, *_prototypes(config, data, histograms), least_margin=config.least_margin
    )
    content = {
        "images": [
            {"name": record.name, "kind": kind, "to_day": float(day), "to_night": float(night)}
            for record, kind, day, night in zip(
                data.records, found.kinds, found.to_day, found.to_night, strict=True
            )
        ],
        "counts": {kind: found.kinds.count(kind) for kind in _KINDS},
        "agreement": agreement(found, [record.condition for record in data.records]),
    }
    (out / "lighting.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    write_png(out / "borderline.png", borderline_sheet(found, data))


class LightConfig(BaseModel):
    """Which kind is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str  # day or night


@step("label-maps", libraries=("numpy",))
def take_light(out: Path, config: LightConfig, images: Path, lighting: Path) -> None:
    """The images of this kind, whose records say so. ValueError where there is none."""
    from tasks.formats.label_maps import write_part

    data = read_label_maps(images)
    entries = json.loads((lighting / "lighting.json").read_text(encoding="utf-8"))["images"]
    chosen = [index for index, entry in enumerate(entries) if entry["kind"] == config.kind]
    if not chosen:
        counts = {kind: sum(entry["kind"] == kind for entry in entries) for kind in _KINDS}
        raise ValueError(
            f"none of {len(entries)} images is of the kind {config.kind} ({counts}); add such images, or name examples in "
            "lighting.day and lighting.night"
        )
    records = tuple(replace(record, condition=config.kind) for record in data.records)
    write_part(out, replace(data, records=records), chosen)


def agreement(found: Lighting, conditions: list[str]) -> dict[str, Any] | None:
    """Counts [known][told] over day, twilight and night, and the share of known days and nights that are told as they are.

    None where no image has a known light.
    """
    known = [_known(condition) for condition in conditions]
    pairs = [(name, kind) for name, kind in zip(known, found.kinds, strict=True) if name]
    if not pairs:
        return None
    counts = {name: {kind: pairs.count((name, kind)) for kind in _KINDS} for name in _KINDS}
    clear = [name == kind for name, kind in pairs if name != "twilight" and kind != "twilight"]
    return {"counts": counts, "accuracy": float(np.mean(clear)) if clear else None}


def borderline_sheet(found: Lighting, data: LabelMapSet) -> np.ndarray:
    """uint8 RGB: the least clear images in rows, each with its kind and margin."""
    import cv2

    order = np.argsort(found.margins, kind="stable")[:_BORDERLINE]
    cells = []
    for index in order:
        image = np.asarray(data.images[index])
        height = round(image.shape[0] * _CELL_PX / image.shape[1])
        cell = cv2.resize(image, (_CELL_PX, height), interpolation=cv2.INTER_AREA)
        label = np.full((20, _CELL_PX, 3), 255, np.uint8)
        said = f"{found.kinds[index]}, margin {found.margins[index]:.2f}"
        cv2.putText(label, said, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
        cells.append(np.concatenate([label, cell]))
    columns = min(4, len(cells))
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    rows = [np.concatenate(cells[start : start + columns], axis=1) for start in range(0, len(cells), columns)]
    return np.concatenate(rows)


def _prototypes(
    config: LightingConfig, data: LabelMapSet, histograms: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    day, night = find_prototypes(histograms) if config.day is None or config.night is None else (None, None)
    chosen = [
        _mean_of(patterns, name, data, histograms) if patterns is not None else found
        for patterns, name, found in ((config.day, "day", day), (config.night, "night", night))
    ]
    assert chosen[0] is not None and chosen[1] is not None
    return chosen[0], chosen[1]


def _mean_of(patterns: Patterns, name: str, data: LabelMapSet, histograms: np.ndarray) -> np.ndarray:
    examples = [index for index, record in enumerate(data.records) if matches(record, patterns)]
    if not examples:
        raise ValueError(
            f"no image fits lighting.{name}, {dict(patterns)}; the first of {len(data.records)} is "
            f"{asdict(data.records[0])}"
        )
    return histograms[examples].mean(axis=0)


def _known(condition: str) -> str:
    """day, night, twilight, or "" where nothing is known."""
    word = condition.strip().lower()
    if word in TWILIGHT_WORDS:
        return "twilight"
    return word if word in ("day", "night") else ""

"""Step: what a run's report shows of soiling beside the scores of detectors: figures, pictures, a walk, a blind sheet."""

import base64
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.class_tables.known import LEVELS_TABLE, known_table
from tasks.class_tables.table import color_lookup
from tasks.formats.label_maps import read_label_maps
from tasks.formats.soiling_masks import read_masks
from tasks.report.panels import Picture, picture
from tasks.soiling.blind_sheet import draw_crops, write_blind_sheet
from tasks.soiling.confinement import measure_confinement
from tasks.soiling.finding import measure_finding

_ROWS, _COLUMNS, _MASKS, _CROPS = 4, 4, 12, 12
_SHEET_SEED = 0  # its order must be drawn, but need not differ from run to run
_VALIDATED = "val_"  # begins figures of a validation in a history


class SoilingReportConfig(BaseModel):
    """What the report is told about the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ways: tuple[str, ...]  # of `generated`
    networks: tuple[str, ...]  # names of those whose histories there are
    tests: tuple[str, ...]  # on which segmenters of scenes were scored
    is_soiling_drawn: bool  # no real soiling was there


@dataclass(frozen=True, kw_only=True)
class SoilingReportParts:
    """The folders of what the run made; `masks`, `walk` and `realism` are up to one each."""

    detection: Path  # the report of the detectors as that of any segmenters
    clean: Path  # R_train
    real: Path
    test: Path  # real
    generated: list[Path]
    found: list[
        Path
    ]  # what a detector that saw none of these says of the test and of each of `generated`; none, or all
    networks: list[Path]
    masks: list[Path]
    walk: list[Path]
    realism: list[Path]
    degradation: list[Path]


@step("soiling-report", libraries=("numpy", "opencv-python-headless"))
def write_soiling_report(out: Path, config: SoilingReportConfig, **folders: Any) -> None:
    """`content.json`: everything that the page shows but timings; `blind_sheet.png` with `blind_key.csv`, and `walk.gif`
    and `walk.mp4` where there is a walk. `folders` are those of `SoilingReportParts`.
    """
    parts = SoilingReportParts(**folders)
    generated = dict(zip(config.ways, parts.generated, strict=True))
    content = {
        "config": config.model_dump(mode="json"),
        "detection": _read(parts.detection / "content.json"),
        "degradation": {
            test: _read(folder / "evaluation.json")
            for test, folder in zip(config.tests, parts.degradation, strict=True)
        },
        "networks": {
            name: _last_validation(folder)
            for name, folder in zip(config.networks, parts.networks, strict=True)
        },
        "masks_made": [_read(folder / "figures.json") for folder in parts.masks],
        "realism": [_read(folder / "realism.json") for folder in parts.realism],
        "finding": _measure_finding(parts, config.ways),
        "confinement": {way: measure_confinement(parts.clean, own) for way, own in generated.items()},
        "real": [_plain(row) for row in _real_rows(parts.real)],
        "generated": [_plain(row) for row in _generated_rows(parts.clean, generated)],
        "masks": [asdict(item) for folder in parts.masks for item in _mask_pictures(folder)],
        "walk": [asdict(_walk_picture(folder)) for folder in parts.walk],
    }
    (out / "content.json").write_text(json.dumps(content), encoding="utf-8")
    sets = {name: read_label_maps(folder) for name, folder in ({"real": parts.real} | generated).items()}
    write_blind_sheet(out, draw_crops(sets, count=_CROPS, rng=np.random.default_rng(_SHEET_SEED)))
    for folder in parts.walk:
        for name in ("walk.gif", "walk.mp4"):
            shutil.copyfile(folder / name, out / name)


def _measure_finding(parts: SoilingReportParts, ways: tuple[str, ...]) -> dict[str, dict[str, float | None]]:
    if not parts.found:
        return {}
    sets = {"real test": parts.test} | dict(zip(ways, parts.generated, strict=True))
    return {
        name: measure_finding(images, said)
        for (name, images), said in zip(sets.items(), parts.found, strict=True)
    }


def _last_validation(folder: Path) -> dict[str, float]:
    """The figures on R_val of the last evaluation, by their names there."""
    entries = [
        {key.removeprefix(_VALIDATED): value for key, value in entry.items() if key.startswith(_VALIDATED)}
        for entry in _read(folder / "history.json")
    ]
    return next((entry for entry in reversed(entries) if entry), {})


def _evenly(count: int, wanted: int) -> list[int]:
    return np.unique(np.linspace(0, count - 1, wanted).astype(int)).tolist()


def _real_rows(folder: Path) -> list[list[Picture]]:
    """Images with their annotation, two of each in a row."""
    data, colors = read_label_maps(folder), color_lookup(known_table(LEVELS_TABLE))
    assert data.labels is not None
    pictures = [
        each
        for index in _evenly(len(data.records), _ROWS)
        for each in (
            picture(np.asarray(data.images[index]), data.records[index].name),
            picture(colors[np.asarray(data.labels[index])], "annotated levels"),
        )
    ]
    return [pictures[start : start + _COLUMNS] for start in range(0, len(pictures), _COLUMNS)]


def _generated_rows(clean: Path, generated: dict[str, Path]) -> list[list[Picture]]:
    """A clean image, and what each way makes of it, with its levels."""
    data, colors = read_label_maps(clean), color_lookup(known_table(LEVELS_TABLE))
    sets = {way: read_label_maps(folder) for way, folder in generated.items()}
    rows = []
    for index in _evenly(len(data.records), _ROWS) if sets else []:
        row = [picture(np.asarray(data.images[index]), "clean")]
        for way, own in sets.items():
            assert own.labels is not None
            row.append(picture(np.asarray(own.images[index]), way))
            row.append(picture(colors[np.asarray(own.labels[index])], f"{way}: levels"))
        rows.append(row)
    return rows


def _mask_pictures(folder: Path) -> list[Picture]:
    masks = read_masks(folder)
    return [
        picture(np.rint(masks[index][..., None].repeat(3, axis=2) * 255).astype(np.uint8), f"mask {index}")
        for index in _evenly(len(masks), _MASKS)
    ]


def _walk_picture(folder: Path) -> Picture:
    count, height, width = read_masks(folder).shape
    text = base64.b64encode((folder / "walk.gif").read_bytes()).decode()
    return Picture(
        f"a closed walk of {count} frames", f"data:image/gif;base64,{text}", int(width), int(height)
    )


def _plain(row: list[Picture]) -> list[dict[str, Any]]:
    return [asdict(item) for item in row]


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

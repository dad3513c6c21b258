"""Step: what the report of a run by night shows beside what every report of segmenters does."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.class_tables.table import IGNORED
from tasks.formats.label_maps import LabelMapSet, read_label_maps
from tasks.night.seed_figures import SEED_ROWS, STAIRS
from tasks.night.stairs_plot import plot_stairs
from tasks.report.panels import Picture, picture
from tasks.scoring.records import main_measure

_SHOWN = 4  # images of each translator


class NightReportConfig(BaseModel):
    """What the report is told about the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    translators: tuple[str, ...]
    chosen: tuple[str, ...]  # arms whose pseudo-labelled images were chosen
    lights: tuple[str, ...] = ()  # sets whose light was told: source, target


@dataclass(frozen=True, kw_only=True)
class NightReportParts:
    """The folders of what the run made; those of translators come in their order."""

    segmenters: Path  # the report of segmenters
    day: Path  # labelled images
    nights: list[Path]  # these, translated
    figures: list[Path]
    twins: list[Path]  # figures of twins, of each translator or of none
    choices: list[Path]  # of each chosen arm
    guessed: list[Path]  # their pseudo-labels, of the first seed
    lighting: list[Path]
    converted: list[Path]  # one evaluation on converted images, or none


@step("night-report", libraries=("plotly", "numpy", "opencv-python-headless"))
def write_night_report(out: Path, config: NightReportConfig, **folders: Any) -> None:
    """`content.json`: everything that the page shows but timings. `folders` are those of `NightReportParts`."""
    parts = NightReportParts(**folders)
    content = _read(parts.segmenters / "content.json")
    converted = [_read(folder / "evaluation.json") for folder in parts.converted]
    rows = night_rows(content["evaluation"], converted[0] if converted else None)
    figures = [_read(folder / "figures.json") for folder in parts.figures]
    twins = [_read(folder / "twins.json") for folder in parts.twins]
    content |= {
        "rows": rows,
        "converted": converted[0] if converted else None,
        "translators": dict(zip(config.translators, figures, strict=True)),
        "twins": dict(zip(config.translators, twins, strict=False)),
        "translations": _translations(config, parts),
        "choices": dict(zip(config.chosen, map(_choice, parts.choices, parts.guessed), strict=True)),
        "lights": dict(zip(config.lights, map(_lighting, parts.lighting), strict=True)),
    }
    content["plots"]["stairs"] = plot_stairs([row for row in rows if row["arm"] in STAIRS])
    (out / "content.json").write_text(json.dumps(content), encoding="utf-8")


def night_rows(evaluation: dict[str, Any], converted: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Of every arm its mean IoU with its interval, on R_test and on R_test made day, and the seed's of its name; in 0..1."""
    measure = main_measure(evaluation).name
    made_day = {score["arm"]: score for score in converted["scores"]} if converted else {}
    return [
        {
            "arm": score["arm"],
            "value": score[measure],
            "interval": score["interval"],
            "converted": made_day[score["arm"]][measure] if made_day else None,
            **_seed(score["arm"]),
        }
        for score in evaluation["scores"]
    ]


def _seed(arm: str) -> dict[str, Any]:
    row = SEED_ROWS.get(arm)
    return {
        "told": row.told if row else "",
        "seed": row.mean_iou_percent / 100 if row else None,
        "seed_converted": row.converted_percent / 100 if row and row.converted_percent is not None else None,
    }


def _translations(config: NightReportConfig, parts: NightReportParts) -> list[list[dict[str, Any]]]:
    """Rows of a labelled image and what each translator made of it."""
    day, nights = read_label_maps(parts.day), [read_label_maps(folder) for folder in parts.nights]
    chosen = np.unique(np.linspace(0, len(day.records) - 1, _SHOWN).astype(int))
    rows = []
    for index in chosen:
        row: list[Picture] = [picture(np.asarray(day.images[index]), day.records[index].name)]
        row += [
            picture(np.asarray(night.images[index]), f"night by {name}")
            for name, night in zip(config.translators, nights, strict=True)
        ]
        rows.append([asdict(item) for item in row])
    return rows


def _choice(folder: Path, guessed: Path) -> dict[str, Any]:
    """How images were chosen, how many, how much of them got labels, and a contact row of the first."""
    found, data = _read(folder / "choice.json"), read_label_maps(folder)
    places = {record.name: place for place, record in enumerate(data.records)}
    first = [places[name] for name in found["chosen"][:_SHOWN]]
    pictures = [asdict(picture(np.asarray(data.images[place]), data.records[place].name)) for place in first]
    return {
        "method": found["method"],
        "count": len(found["chosen"]),
        **labelled_share(read_label_maps(guessed)),
        "pictures": pictures,
    }


def labelled_share(guessed: LabelMapSet) -> dict[str, Any]:
    """The share of pixels that a segmenter was sure of, and of which classes they are, most first."""
    assert guessed.labels is not None and guessed.table is not None, "pseudo-labels are label maps"
    pixels = np.bincount(np.asarray(guessed.labels).ravel(), minlength=IGNORED + 1)
    names, counts = guessed.table.class_names(), pixels[:IGNORED]
    classes = [names[index] for index in np.argsort(-counts, kind="stable") if counts[index]]
    return {"labelled_share": float(counts.sum() / pixels.sum()), "classes": classes}


def _lighting(folder: Path) -> dict[str, Any]:
    """Counts, agreement, and the least clear images as one picture."""
    from tasks.images.files import read_image

    found = _read(folder / "lighting.json")
    sheet = asdict(picture(read_image(folder / "borderline.png"), "the least clear images"))
    return {"counts": found["counts"], "agreement": found["agreement"], "sheet": sheet}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

"""The page of a run by night: one self-contained HTML file."""

import json
from pathlib import Path
from typing import Any

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.blocks import NONE, Table, interval, number
from tasks.report.headline import headline
from tasks.report.result_tables import comparison_table, score_table, seed_table
from tasks.report.templates import render_run_page
from tasks.segmentation.notes import warnings
from tasks.segmentation.page import class_table, part_tables

_PER_CENT = "{:.1f}"


def write_night_page(path: Path, content: dict[str, Any], run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network; `content` is that of `write_night_report`."""
    evaluation, converted = content["evaluation"], content["converted"]
    values = {
        **content,
        "headline": headline(content),
        "warnings": warnings(content),
        "main_table": main_table(content["rows"]),
        "score_table": score_table(evaluation),
        "seed_table": seed_table(evaluation),
        "comparison_table": comparison_table(evaluation),
        "converted_table": comparison_table(converted) if converted else Table("", ("",), ()),
        "class_table": class_table(evaluation),
        "parts": part_tables(evaluation),
        "translation_table": translation_table(content["translators"]),
        "twin_table": twin_table(content["twins"]),
        "lighting_table": lighting_table(content["lights"]),
        "confusion_table": confusion_table(content["lights"]),
    }
    text = render_run_page(Path(__file__).with_name("page.html"), run, values, config=config)
    write_atomically(path, text)
    figures = {name: content[name] for name in ("evaluation", "converted", "rows", "translators", "twins")}
    figures["choices"] = {
        arm: {name: value for name, value in choice.items() if name != "pictures"}
        for arm, choice in content["choices"].items()
    }
    for name, value in figures.items():
        write_atomically(path.with_name(f"{name}.json"), json.dumps(value, indent=1))


def main_table(rows: list[dict[str, Any]]) -> Table:
    """mIoU in per cent of every arm, by night and on nights made day, beside the seed's of the same name."""
    header = ("Arm", "In the seed", "By night", "95 % interval", "Seed", "Made day", "Seed, made day")
    cells = tuple(
        (
            row["arm"],
            row["told"] or NONE,
            _per_cent(row["value"]),
            interval(_scaled(row["interval"]), _PER_CENT),
            _per_cent(row["seed"]),
            _per_cent(row["converted"]),
            _per_cent(row["seed_converted"]),
        )
        for row in rows
    )
    return Table("", header, cells, frozenset((2,)))


def translation_table(translators: dict[str, dict[str, Any]]) -> Table:
    """Distances to the target before and after each translator, and the share of hues that moved."""
    header = ("Translator", "Images", "Frechet before", "after", "KID before", "after", "Hues moved")
    rows = []
    for name, figures in translators.items():
        near = [figures.get(side, {}) for side in ("before", "after")]
        distances = [number(side.get("frechet"), "{:.2f}") for side in near]
        kernel = [number(side.get("kid"), "{:.3g}") for side in near]
        rows.append((name, str(figures["count"]), *distances, *kernel, _moved(figures["moved_hues"])))
    return Table("", header, tuple(rows))


def twin_table(twins: dict[str, dict[str, Any]]) -> Table:
    """Distances to the same views by night before and after each translator."""
    header = ("Translator", "Views", "Distance by day", "translated", "Came nearer")
    rows = [
        (
            name,
            str(found["count"]),
            *(number(found[side], "{:.1f}") for side in ("before", "after")),
            f"{found['nearer_share']:.0%}",
        )
        for name, found in twins.items()
    ]
    return Table("", header, tuple(rows))


def lighting_table(lights: dict[str, dict[str, Any]]) -> Table:
    """How many images of each set were told to be of which light."""
    header = ("Set", "Day", "Twilight, left out", "Night", "As known")
    rows = []
    for name, found in lights.items():
        counts = (str(found["counts"][kind]) for kind in ("day", "twilight", "night"))
        agreement = found["agreement"]
        rows.append((name, *counts, number(agreement and agreement["accuracy"], "{:.1%}")))
    return Table("", header, tuple(rows))


def confusion_table(lights: dict[str, dict[str, Any]]) -> Table:
    """Of images whose light is known, how many were told to be of which."""
    header = ("Set", "Known to be", "Told day", "Told twilight", "Told night")
    rows = [
        (name, known, *(str(told[kind]) for kind in ("day", "twilight", "night")))
        for name, found in lights.items()
        if found["agreement"]
        for known, told in found["agreement"]["counts"].items()
    ]
    return Table("", header, tuple(rows))


def _moved(shares: dict[str, float | None]) -> str:
    said = [f"{name} {share:.0%}" for name, share in shares.items() if share is not None]
    return ", ".join(said) or NONE


def _per_cent(value: float | None) -> str:
    return NONE if value is None else _PER_CENT.format(100 * value)


def _scaled(bounds: list[float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (100 * bounds[0], 100 * bounds[1])

"""The page of a run of segmenters: one self-contained HTML file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.judging.measures import Measure
from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.blocks import Table, interval, number
from tasks.report.headline import headline
from tasks.report.result_tables import (
    comparison_table,
    comparison_table_of_parts,
    full_score_table,
    seed_table,
)
from tasks.report.templates import render_run_page
from tasks.scoring.records import main_measure
from tasks.segmentation.notes import warnings


def write_segment_page(path: Path, content: dict[str, Any], run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network; `content` is that of `write_segment_report`."""
    evaluation = content["evaluation"]
    values = {
        **content,
        "headline": headline(content),
        "warnings": warnings(content),
        "measure": main_measure(evaluation),
        "score_table": full_score_table(evaluation),
        "seed_table": seed_table(evaluation),
        "comparison_table": comparison_table(evaluation),
        "class_table": class_table(evaluation),
        "parts": part_tables(evaluation),
        "confusions": confusion_tables(content["confusion"]),
    }
    text = render_run_page(Path(__file__).with_name("page.html"), run, values, config=config)
    write_atomically(path, text)
    write_atomically(path.with_name("evaluation.json"), json.dumps(evaluation, indent=1))


def class_table(evaluation: dict[str, Any]) -> Table:
    """IoU of every class, a column an arm."""
    arms = [score["arm"] for score in evaluation["scores"]]
    rows = [(row["name"], *(number(row["iou"][arm]) for arm in arms)) for row in evaluation["classes"]]
    return Table("", ("Class", *arms), tuple(rows))


def part_tables(evaluation: dict[str, Any]) -> list[Table]:
    """The main measure and comparisons by condition, and the measure by distance; those that there are."""
    title = main_measure(evaluation).title
    tables = (
        replace(condition_table(evaluation), caption=f"{title} by condition, with 95 % intervals."),
        comparison_table_of_parts(evaluation, evaluation["conditions"], title="Condition"),
        replace(
            distance_table(evaluation),
            caption=f"{title} by distance from the camera, with 95 % intervals; what has no depth, such as the sky, is in "
            "no band.",
        ),
    )
    return [table for table in tables if table.rows]


def condition_table(evaluation: dict[str, Any]) -> Table:
    """The main measure under each condition, such as by day and by night, a column an arm."""
    return _part_table(evaluation, evaluation["conditions"], ("Condition", "Images"), "num_images")


def distance_table(evaluation: dict[str, Any]) -> Table:
    """The main measure in each band of distance, a column an arm; no rows where no depth is known."""
    return _part_table(evaluation, evaluation["distances"], ("Distance", "Pixels"), "num_pixels")


def _part_table(
    evaluation: dict[str, Any], parts: list[dict[str, Any]], titles: tuple[str, str], size: str
) -> Table:
    arms, measure = [score["arm"] for score in evaluation["scores"]], main_measure(evaluation)
    rows = [
        (part["name"], f"{part[size]:,}", *(_with_interval(part, arm, measure) for arm in arms))
        for part in parts
    ]
    return Table("", (*titles, *arms), tuple(rows))


def _with_interval(part: dict[str, Any], arm: str, measure: Measure) -> str:
    value, bounds = part[measure.name][arm], part["interval"][arm]
    return number(value, measure.pattern) + (
        "" if bounds is None else f" {interval(bounds, measure.pattern)}"
    )


def confusion_tables(confusion: dict[str, Any]) -> dict[str, list[list[float]]]:
    """Of every arm: shares of each true class (a row) that were taken for each class."""
    return {
        arm: [[count / max(1, sum(row)) for count in row] for row in matrix]
        for arm, matrix in confusion["arms"].items()
    }

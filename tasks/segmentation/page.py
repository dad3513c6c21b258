"""The page of a run of segmenters: one self-contained HTML file."""

import json
import time
from pathlib import Path
from typing import Any

import yaml
from plotly.offline import get_plotlyjs

from models.judging.measures import Measure
from models.judging.resampling import LEAST_CLIPS
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
from tasks.report.templates import read_style, read_template
from tasks.scoring.records import main_measure

_NAMED = 5


def write_segment_page(path: Path, content: dict[str, Any], run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network; `content` is that of `write_segment_report`."""
    evaluation = content["evaluation"]
    text = read_template(Path(__file__).with_name("page.html")).render(
        **content,
        style=read_style(),
        headline=headline(content),
        warnings=warnings(content),
        measure=main_measure(evaluation),
        score_table=full_score_table(evaluation),
        seed_table=seed_table(evaluation),
        comparison_table=comparison_table(evaluation),
        class_table=class_table(evaluation),
        condition_table=condition_table(evaluation),
        condition_comparisons=comparison_table_of_parts(
            evaluation, evaluation["conditions"], title="Condition"
        ),
        distance_table=distance_table(evaluation),
        confusions=confusion_tables(content["confusion"]),
        run_name=run.name,
        date=time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started)),
        seconds=time.time() - run.started,
        made=run.made(),
        artifacts=run.artifacts,
        configuration=yaml.safe_dump(config, sort_keys=False),
        plotly_js=get_plotlyjs(),
    )
    write_atomically(path, text)
    write_atomically(path.with_name("evaluation.json"), json.dumps(evaluation, indent=1))


def warnings(content: dict[str, Any]) -> list[str]:
    """What a reader must know before believing the figures."""
    notes, evaluation = [], content["evaluation"]
    if evaluation["num_seeds"] < 2:
        notes.append(
            "One seed an arm: the intervals hold the choice of test images only. Trained again with another seed, the mean "
            "IoU may well move by several hundredths, so that nothing is concluded. Set training.seeds to 3 or more."
        )
    if content["config"]["is_stand_in"]:
        notes.append(
            "This is the sample street, a rendered stand-in: the figures show that the pipeline works and say nothing about "
            "a real camera."
        )
    if said := _say_sequences(evaluation["num_clips"]):
        notes.append(said)
    return notes + leak_notes(content["leaks"])


def _say_sequences(count: int) -> str | None:
    """What so few sequences do to intervals and verdicts; None where there are enough."""
    if count < LEAST_CLIPS:
        return (
            f"The images scored are of {count} sequence(s), so single images were resampled; frames of one drive resemble "
            "each other and the intervals are too narrow. No verdict is given: images of more sequences are needed "
            "(label_maps.sequence_pattern says what names of one have in common)."
        )
    return (
        f"The images scored are of {count} sequences only: intervals from so few are wide."
        if count < 10
        else None
    )


def leak_notes(leaks: dict[str, list[str]]) -> list[str]:
    """What would let a network answer the test by memory."""
    mend = "put whole sequences into one split (label_maps.split: sequence)"
    notes = []
    if leaks["cut_sequences"]:
        said = "; ".join(leaks["cut_sequences"][:_NAMED])
        notes.append(
            f"{len(leaks['cut_sequences'])} sequence(s) have images in several splits: {said}; {mend}."
        )
    if leaks["pairs"]:
        said = "; ".join(leaks["pairs"][:_NAMED])
        notes.append(
            f"{len(leaks['pairs'])} pair(s) of images of different splits look like copies: {said}; {mend}."
        )
    return notes


def class_table(evaluation: dict[str, Any]) -> Table:
    """IoU of every class, a column an arm."""
    arms = [score["arm"] for score in evaluation["scores"]]
    rows = [(row["name"], *(number(row["iou"][arm]) for arm in arms)) for row in evaluation["classes"]]
    return Table("", ("Class", *arms), tuple(rows))


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

"""Puts a report's content and the facts of one run into one self-contained HTML page."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template, select_autoescape
from plotly.offline import get_plotlyjs

from models.judging.measures import Measure
from models.judging.resampling import LEAST_CLIPS
from tasks.artifacts.disk import write_atomically
from tasks.building.run_context import Run
from tasks.datasets.leaks import describe_cut_clips
from tasks.report.headline import headline
from tasks.report.result_tables import comparison_table, full_score_table, seed_table
from tasks.report.tables import write_tables
from tasks.scoring.records import main_measure, validation_key

_LEAST_BELIEVABLE = {"f1": 0.25}  # below it detectors differ by chance more than by their training images
_FEW_CLIPS = 10
_NAMED_LEAKS = 5


def write_page(path: Path, content_path: Path, run: Run, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network, and the tables beside it."""
    content = json.loads(content_path.read_text(encoding="utf-8"))
    artifacts, evaluation = artifact_rows(run), content["evaluation"]
    text = read_template(Path(__file__).with_name("page.html")).render(
        **content,
        style=read_style(),
        headline=headline(content),
        warnings=warnings(content),
        measure=main_measure(evaluation),
        score_table=full_score_table(evaluation),
        seed_table=seed_table(evaluation),
        comparison_table=comparison_table(evaluation),
        run_name=run.name,
        date=time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started)),
        seconds=time.time() - run.started,
        counts={state: run.count(state) for state in ("built", "reused", "failed")},
        artifacts=artifacts,
        lineage=_lineage(run),
        configuration=yaml.safe_dump(config, sort_keys=False),
        plotly_js=get_plotlyjs(),
    )
    write_atomically(path, text)
    write_tables(path.parent, content, artifacts)
    write_atomically(path.with_name("label_check.json"), json.dumps(content["label_check"], indent=1))


def warnings(content: dict[str, Any]) -> list[str]:
    """What a reader must know before believing the figures."""
    notes, measure = [], main_measure(content["evaluation"])
    if content["evaluation"]["num_seeds"] < 2:
        how_far = " by several hundredths" if measure.is_share else ""
        notes.append(
            "One seed an arm: no interval over seeds exists, and the intervals hold the choice of test images only. "
            f"Trained again with another seed, {measure.title} may well move{how_far}, so that nothing is concluded. "
            "Set training.detector_seeds to 3 or more."
        )
    if said := say_unbelievable(content["evaluation"]["scores"], measure):
        notes.append(said)
    if content["config"]["is_sample_site"]:
        notes.append(
            'This is the sample site, a rendered stand-in: its "real" photos are rendered too. The figures show that '
            "the pipeline works and say nothing about a real camera."
        )
    if not content["config"]["has_test"]:
        notes.append(
            "There is no R_test: the figures below are from R_val, on which checkpoint and threshold were chosen. "
            "They flatter the detectors."
        )
    notes += say_leaks([content["leaks"]])
    if said := say_clips(content["evaluation"]["num_clips"]):
        notes.append(said)
    return notes


def say_unbelievable(scores: Sequence[dict[str, Any]], measure: Measure) -> str | None:
    """That even the best training learned nothing, if that can be known of the measure."""
    if measure.name not in _LEAST_BELIEVABLE or not scores:
        return None
    best = max(score[validation_key(measure)] for score in scores)
    if best >= _LEAST_BELIEVABLE[measure.name]:
        return None
    return (
        f"Even the best detector reaches an {measure.title} of {best:.2f} on R_val only: none has learned its task. Train "
        "longer (detector.steps), or give more images, before reading any difference."
    )


def say_clips(num_clips: int) -> str | None:
    """What so few clips do to intervals and verdicts; None where there are enough."""
    if num_clips < LEAST_CLIPS:
        return (
            f"The images scored are of {num_clips} clip(s), so single images were resampled; frames of one clip resemble "
            "each other and the intervals are too narrow. No verdict is given: images of more clips (days, scenes) are "
            "needed. Single photos that only have names like frames' are clips of their own with real_images.clip_pattern "
            "^(.*)$."
        )
    if num_clips < _FEW_CLIPS:
        return f"The images scored are of {num_clips} clips only: intervals from so few are wide."
    return None


def say_leaks(found: Sequence[dict[str, list[str]]]) -> list[str]:
    """Of every `leaks.json` once: which pairs look like copies, which clips are cut, and the mends; what was left out."""
    pairs, cut = (
        list(dict.fromkeys(text for item in found for text in item[name])) for name in ("pairs", "cut_clips")
    )
    notes = []
    if pairs:
        notes.append(
            f"{len(pairs)} pair(s) of images of different splits look like copies, and a test that is answered by memory "
            f"flatters the detectors: {'; '.join(pairs[:_NAMED_LEAKS])}. Remove one of each pair, or put whole clips into "
            "one split."
        )
    if cut:
        notes.append(f"{describe_cut_clips(cut)}.")
    left_out = dict.fromkeys(text for item in found for text in item["left_out"])
    return notes + [f"Of the real images {text}." for text in left_out]


def read_template(path: Path) -> Template:
    """A page's template, which escapes what it is given and refuses to leave something out."""
    environment = Environment(autoescape=select_autoescape(default=True), undefined=StrictUndefined)
    return environment.from_string(path.read_text(encoding="utf-8"))


def read_style() -> str:
    """The style sheet of all pages."""
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def artifact_rows(run: Run) -> list[dict[str, Any]]:
    """Every artifact of the run, with the seconds that its building once took."""
    rows = []
    for outcome in run.outcomes:
        manifest = run.store.manifest(outcome.key)
        seconds = manifest.seconds if manifest else outcome.seconds
        rows.append(
            {
                "label": outcome.label,
                "kind": outcome.kind,
                "key": outcome.key[:12],
                "state": outcome.state,
                "seconds": seconds,
                "megabytes": outcome.num_bytes / 1e6,
            }
        )
    return rows


def _lineage(run: Run) -> list[dict[str, str]]:
    """What each kind of artifact of the run was made from."""
    kinds = {outcome.key: outcome.kind for outcome in run.outcomes}
    made_from: dict[str, set[str]] = {}
    for key, kind in kinds.items():
        manifest = run.store.manifest(key)
        sources = {
            kinds.get(source, "?")
            for keys in (manifest.input_keys if manifest else {}).values()
            for source in keys
        }
        made_from.setdefault(kind, set()).update(sources)
    return [
        {"kind": kind, "sources": ", ".join(sorted(sources)) or "outside"}
        for kind, sources in made_from.items()
    ]

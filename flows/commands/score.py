"""`python -m flows score ...`: how well a detector finds what is annotated in photos, and whether better than another."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.commands.detector_choice import choose_detector
from flows.commands.printed_tables import print_table
from tasks.artifacts.opening import StorePlace
from tasks.datasets.annotations import Target
from tasks.detection.annotated_photos import AnnotatedPhotos, choose_target, find_annotated_photos
from tasks.detection.evaluation import EvaluationConfig
from tasks.detection.opened_detectors import OpenDetector, open_detector
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.detection.scoring_photos import Scorecard, compare_scorecards, find_in_photos, score_found
from tasks.report.score_page import ScoreContent, write_score_page
from tasks.report.score_tables import bin_tables, difference_table, figure_table, say_size, scene_table


@dataclass(frozen=True)
class ScoreChoice:
    """How to score: the box that is meant (None: what the detector is known to find, or the only kind that is annotated),
    the overlap of a hit, the least visible share of what must be found, and the threshold (None: the detector's own)."""

    target: Target | None = None
    iou: float = 0.5
    min_visibility: float = 0.3
    threshold: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("--threshold", self.threshold), ("--min-visibility", self.min_visibility)):
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} must be in 0..1, but was {value:g}")
        if not 0 < self.iou < 1:
            raise ValueError(f"--iou must be in 0..1 (both excluded), but was {self.iou:g}")


@dataclass(frozen=True)
class ScoreInputs:
    """What is scored: detectors as `choose_detector` has them, annotations in any layout, and the images' folder if that
    lies elsewhere."""

    detector: str
    baseline: str | None
    annotations: Path
    images: Path | None


@dataclass(frozen=True)
class _Named:
    """A detector as the user named it, opened, and what it finds where that is known."""

    name: str
    opened: OpenDetector
    target: Target | None


def score(
    place: StorePlace, inputs: ScoreInputs, choice: ScoreChoice, *, to: Path | None, as_json: bool
) -> int:
    """Print scores with intervals, or JSON; in `to` also `index.html` and `score.json`. Nothing is trained or stored."""
    if to is not None and to.exists() and not to.is_dir():
        raise ValueError(f"--to is {to}, which is a file; give a folder for the page")
    photos = find_annotated_photos(inputs.annotations, inputs.images)
    named = [_open(place, name, shown) for name, shown in _names(inputs).items()]
    target = choose_target(photos, wanted=choice.target, known=_known_target(named))
    cards = [_score(each, photos, target, choice) for each in named]
    comparison = compare_scorecards(*cards) if len(cards) == 2 else None
    settings = {**vars(inputs), **vars(choice), "target": target}
    content = ScoreContent(cards, comparison, photos.notes, target, choice.iou, settings)
    if to is not None:
        write_score_page(to / "index.html", content, photos)
        (to / "score.json").write_text(json.dumps(content.record(), indent=1), encoding="utf-8")
    if as_json:
        print(json.dumps(content.record(), indent=1))
    else:
        _print_all(content)
        print(*([f"\npage: {to / 'index.html'}"] if to is not None else []))
    return 0


def _names(inputs: ScoreInputs) -> dict[str, str]:
    """The detectors, and what tables call them: files without their folders, where that tells them apart."""
    if inputs.baseline == inputs.detector:
        raise ValueError(f"--baseline is {inputs.baseline}, the detector itself; name another")
    names = [name for name in (inputs.detector, inputs.baseline) if name is not None]
    short = {name: Path(name).name if Path(name).is_file() else name for name in names}
    return short if len(set(short.values())) == len(names) else {name: name for name in names}


def _open(place: StorePlace, name: str, shown: str) -> _Named:
    chosen = choose_detector(place, name)
    opened = open_detector(chosen.path)
    return _Named(shown, opened, chosen.target or opened.target)


def _known_target(named: list[_Named]) -> Target | None:
    known: list[Target] = [each.target for each in named if each.target is not None]
    if len(set(known)) > 1:
        words = " and ".join(f"{each.name} finds {each.target}s" for each in named)
        raise ValueError(f"{words}, which cannot be compared; name a --baseline that finds the same")
    return known[0] if known else None


def _score(each: _Named, photos: AnnotatedPhotos, target: Target, choice: ScoreChoice) -> Scorecard:
    config = DetectionSetConfig(target=target, min_visibility=choice.min_visibility)
    found = find_in_photos(each.opened, photos, config)
    threshold = each.opened.threshold if choice.threshold is None else choice.threshold
    return score_found(each.name, found, EvaluationConfig(iou=choice.iou), threshold=threshold)


def _print_all(content: ScoreContent) -> None:
    for note in content.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{say_size(content)}\n")
    _print(figure_table(content))
    for sentence in content.sentences():
        print(f"\n{sentence}")
    tables = [difference_table(content), *bin_tables(content), scene_table(content.cards[0])]
    for table in tables:
        if table is not None:
            print(f"\n{table.caption}")
            _print(table)


def _print(table: Any) -> None:
    print_table(table.header, table.rows, num_text=1)

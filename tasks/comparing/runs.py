"""A finished run as its record and the artifacts of its evaluation tell it."""

import json
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.judging.measures import Measure
from tasks.artifacts.lookup import all_records, find_artifact, without_tag
from tasks.artifacts.manifest import Manifest
from tasks.artifacts.store import Store
from tasks.scoring.records import Counted, main_measure, read_counted, shown_measures
from tasks.scoring.same_images import Scored

# Ends of the kinds of artifacts that belong to one configuration.
_EVALUATIONS, _REPORTS = "evaluation", "report"
_FILES = ("evaluation.json", "statistics.json")


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A completed run with its evaluation.

    `scores`: by arm, as `evaluation.json` has them, with a value for each of `measures`; `measure` is the main one.
    `seconds`: by kind of step, what all its artifacts took to make, whenever that was.
    """

    id: str
    name: str
    started: float  # seconds since 1970
    configuration: dict[str, Any]
    measure: Measure
    measures: list[Measure]
    scores: dict[str, dict[str, Any]]
    counted: Counted
    seconds: dict[str, float]

    def scored(self, name: str = "") -> Scored:
        """What it counted, as sentences call it."""
        return Scored(name, self.measure, self.counted)


def find_finished_run(store: Store, text: str) -> FinishedRun:
    """The newest completed run of this name, or with this id, or with the evaluation or report whose key begins so.

    Raises ValueError where there is none, or one without an evaluation.
    """
    return read_finished_run(store, _find_record(store, text))


def read_finished_run(store: Store, record: dict[str, Any]) -> FinishedRun:
    """The run of a record with its id, as `all_records` gives them; ValueError where it has no evaluation."""
    name = record["id"]
    if "sections" in record["config"]:
        raise ValueError(f"{name} is a sweep, whose page compares its points; name two single runs")
    folder = store.folder(_find_evaluation(store, record).ref)
    counted = read_counted(_read(folder / "statistics.json", name))
    evaluation = _read(folder / "evaluation.json", name)
    return FinishedRun(
        id=name,
        name=record["run"],
        started=record["started"],
        configuration=record["config"],
        measure=main_measure(evaluation),
        measures=shown_measures(evaluation),
        scores={score["arm"]: score for score in evaluation["scores"]},
        counted=counted,
        seconds=_seconds_by_kind(store, record),
    )


def _find_evaluation(store: Store, record: dict[str, Any]) -> Manifest:
    """Of several (as of what is segmented, and of what a cycle gives back) the first with scores and statistics of arms.

    ValueError where there is none, or it is gone or damaged.
    """
    name = record["id"]
    keys = [item["key"] for item in record["artifacts"] if item["kind"].endswith(_EVALUATIONS)]
    if not keys:
        raise ValueError(
            f"the run {name} has no evaluation; choose another, or run one that scores what it trains"
        )
    manifests = [_whole(store, key, name) for key in dict.fromkeys(keys)]
    scored = (item for item in manifests if {entry.path for entry in item.files} >= set(_FILES))
    return next(scored, manifests[0])


def _find_record(store: Store, text: str) -> dict[str, Any]:
    records, wanted = all_records(store), without_tag(store, text)
    found = [record for record in records if wanted in (record["run"], record["id"])]
    if not found and set(wanted) <= set(string.hexdigits):
        found = _records_with(records, find_artifact(store, wanted))
    if not found:
        known = ", ".join(sorted({record["run"] for record in records})) or "none"
        raise ValueError(
            f"the store has no run {text!r}; its runs are: {known}; or give a run's id, as the files in "
            f"{store.place}/runs are called"
        )
    completed = [record for record in found if record["status"] == "completed"]
    if not completed:
        raise ValueError(
            f"the run {found[0]['id']} is not finished ({found[0]['status']}); run it again first"
        )
    return completed[0]


def _records_with(records: list[dict[str, Any]], manifest: Manifest) -> list[dict[str, Any]]:
    """The runs that have this artifact."""
    if not manifest.kind.endswith((_EVALUATIONS, _REPORTS)):
        raise ValueError(
            f"the artifact {manifest.key[:12]} is of the kind {manifest.kind}, which many runs may share; "
            "name a run, or the key of its evaluation"
        )
    return [record for record in records if any(item["key"] == manifest.key for item in record["artifacts"])]


def _whole(store: Store, key: str, run: str) -> Manifest:
    """The artifact's manifest; ValueError where it is gone or damaged."""
    manifest = store.manifest(key) if store.find(key) else None
    if manifest is None:
        raise ValueError(f"the evaluation of {run} is gone or damaged; run its configuration again")
    return manifest


def _read(path: Path, run: str) -> Any:
    if not path.is_file():
        raise ValueError(
            f"the evaluation of {run} is of an older version, without {path.name}; run its configuration again"
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _seconds_by_kind(store: Store, record: dict[str, Any]) -> dict[str, float]:
    """Every artifact once; of one that is gone, what the run itself spent on it."""
    seconds: dict[str, float] = {}
    for item in {item["key"]: item for item in record["artifacts"]}.values():
        manifest = store.manifest(item["key"])
        spent = manifest.seconds if manifest else item["seconds"]
        seconds[item["kind"]] = seconds.get(item["kind"], 0.0) + spent
    return seconds

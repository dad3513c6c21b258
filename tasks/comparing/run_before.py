"""What a run changed against the one before it: the newest completed one of the same name and pipeline."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tasks.artifacts.lookup import all_records
from tasks.artifacts.pages import read_page
from tasks.artifacts.store import Store
from tasks.building.run_context import Run
from tasks.comparing.fields import FieldDifference, list_differences
from tasks.comparing.judging import ArmDifference, judge_arms, why_unjudged
from tasks.comparing.runs import FinishedRun, read_finished_run

NAMES = ("the run before", "this run")
FIGURES = "figures.json"  # beside the page of a run that has no evaluation
_VERSION = re.compile(r"\.v\d+$")  # of a watched site or run


@dataclass(frozen=True)
class Changed:
    """`before` and `now` with an evaluation each; `unjudged` says why no difference is judged."""

    before: FinishedRun
    now: FinishedRun
    fields: list[FieldDifference]
    differences: list[ArmDifference]
    unjudged: str | None


def find_record_before(store: Store, run: Run, config: dict[str, Any]) -> dict[str, Any] | None:
    """The record of the run before this one; versions of a watched run are one name. None where there is none."""
    for record in all_records(store):
        is_earlier = record["started"] < run.started and record["status"] == "completed"
        if is_earlier and _same(record, run.name, config):
            return record
    return None


def compare_with_before(store: Store, run: Run, config: dict[str, Any]) -> Changed | None:
    """None where no run was before. ValueError where one of both has no evaluation (any more)."""
    record = find_record_before(store, run, config)
    if record is None:
        return None
    before = read_finished_run(store, record)
    now = read_finished_run(store, run.record("running", config) | {"id": run.id})
    unjudged = why_unjudged(before, now, NAMES)
    return Changed(
        before=before,
        now=now,
        fields=list_differences(before.configuration, now.configuration),
        differences=[] if unjudged else judge_arms(before, now, NAMES),
        unjudged=unjudged,
    )


def figures_before(
    store: Store, run: Run, config: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(record, figures) of the run before, where it left figures instead of an evaluation."""
    record = find_record_before(store, run, config)
    file = None if record is None else read_page(store, record["id"], FIGURES)
    return None if record is None or file is None else (record, json.loads(file.content))


def _same(record: dict[str, Any], name: str, config: dict[str, Any]) -> bool:
    theirs = record["config"] or {}
    has_name = _VERSION.sub("", record["run"]) == _VERSION.sub("", name)
    return has_name and theirs.get("pipeline") == config.get("pipeline") and "sections" not in theirs

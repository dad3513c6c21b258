"""The pages that the server makes itself: the runs of a store, one run, one artifact."""

import time
from collections import Counter
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tasks.artifacts.manifest import Manifest

MOST_RUNS, MOST_PICTURES = 500, 48
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_templates = Environment(
    loader=PackageLoader("flows.pages", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def runs_page(place: str, records: list[dict[str, Any]], with_page: Collection[str]) -> str:
    """The newest runs of a store, each with how it ended and what it made."""
    rows = [_row(record) | {"has_page": record["id"] in with_page} for record in records[:MOST_RUNS]]
    return _templates.get_template("runs.html").render(
        title="Runs", root="", place=place, rows=rows, rest=max(len(records) - MOST_RUNS, 0)
    )


def run_page(record: dict[str, Any], *, has_page: bool) -> str:
    """The artifacts of a run."""
    return _templates.get_template("run.html").render(
        title=record["run"],
        root="../",
        run=_row(record) | {"has_page": has_page},
        artifacts=record["artifacts"],
    )


def artifact_page(manifest: Manifest) -> str:
    """The files of an artifact, its first pictures shown."""
    pictures = [file.path for file in manifest.files if PurePosixPath(file.path).suffix.lower() in _PICTURES]
    return _templates.get_template("artifact.html").render(
        title=manifest.kind,
        root="../../",
        manifest=manifest,
        when=_when(manifest.created),
        pictures=pictures[:MOST_PICTURES],
        rest=max(len(pictures) - MOST_PICTURES, 0),
    )


def _row(record: dict[str, Any]) -> dict[str, Any]:
    states = Counter(artifact["state"] for artifact in record["artifacts"] if "state" in artifact)
    return {
        "id": record["id"],
        "name": record["run"],
        "status": record["status"],
        "when": _when(record["started"]),
        "minutes": f"{(record['ended'] - record['started']) / 60:.1f}" if "ended" in record else "",
        "counts": {state: states[state] for state in ("built", "reused", "failed")},
        "pipeline": (record["config"] or {}).get("pipeline", ""),
    }


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))

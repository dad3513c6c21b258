"""What a sweep leaves in Prefect's UI: its table, what failed, and crops of its refiners where it has some."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from flows.runs.result_links import publish
from flows.sweeps.text_table import table_cells
from tasks.building.run_context import Run
from tasks.sweeping.page import describe
from tasks.sweeping.scores import shorten

_MOST_STRIPS = 16


def publish_sweep(run: Run, page: Path, summaries: Sequence[dict[str, Any] | None]) -> None:
    """The table of a sweep as a markdown artifact; `page` is its page, with the other forms beside it.

    `summaries` are those of its points, in the order of the table; None for one that failed.
    """
    content = json.loads(page.with_name("table.json").read_text(encoding="utf-8"))
    text = sweep_markdown(content, summaries, publish(run, page))
    failed = sum("error" in row for row in content["rows"])
    description = f"{len(content['rows'])} points, {failed} failed"
    create_markdown_artifact(text, key="verisim-sweep", description=description)


def sweep_markdown(content: dict[str, Any], summaries: Sequence[dict[str, Any] | None], page: str) -> str:
    """The line that leads to the page, the table, how points differ, what failed or is suspicious, and the same crops before
    and after the first refiners.
    """
    header, *rows = table_cells(content)
    lines = [" | ".join(row) for row in (header, ["---"] * len(header), *rows)]
    names = [describe({axis: row[axis] for axis in content["axes"]}) for row in content["rows"]]
    notes = [f"- {item['sentence']}" for item in content["comparisons"]]
    for name, row in zip(names, content["rows"], strict=True):
        if "error" in row:
            notes.append(f"- `{name}` failed: {shorten(row['error'])}")
        elif "warnings" in row:
            notes.append(f"- `{name}`: {row['warnings']}")
    strips = _crop_strips(names, summaries)
    return "\n".join(
        [
            *(page, "", f"## {content['name']}", "", *(f"| {line} |" for line in lines), ""),
            *(*notes, "", *(("## Crops", "", *strips) if strips else ())),
        ]
    )


def _crop_strips(names: list[str], summaries: Sequence[dict[str, Any] | None]) -> list[str]:
    """A picture for the rendered crops, and one for each refiner; points that share one, or their crops, come once."""
    strips: dict[str, str] = {}
    for name, summary in zip(names, summaries, strict=True):
        if summary is not None and summary["after"] is not None:
            strips.setdefault(summary["before"], "rendered")
            strips.setdefault(summary["after"], name)
    shown = list(strips.items())[: _MOST_STRIPS + 1]
    lines = [line for source, name in shown for line in (name, "", f"![{name}]({source})", "")]
    return lines + ([f"The page shows {len(strips) - len(shown)} more."] if len(strips) > len(shown) else [])

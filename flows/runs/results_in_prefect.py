"""What a run leaves in Prefect's UI: the table, a few thumbnails and the path of the report."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from flows.sweeps.text_table import table_cells
from tasks.building.run_context import Outcome
from tasks.report.headline import headline
from tasks.report.page import warnings
from tasks.report.result_tables import score_table
from tasks.scoring.records import main_measure
from tasks.sweeping.page import describe
from tasks.sweeping.scores import shorten

_MOST_NAMES, _MOST_STRIPS = 12, 16


def publish_summary(content: dict[str, Any], page: Path, outcomes: Sequence[Outcome]) -> None:
    """Markdown artifacts with the result and with one scene; pictures are data URIs.

    Prefect's own artifacts of images print such a URI across the page.
    """
    scores, measure = content["evaluation"]["scores"], main_measure(content["evaluation"])
    values = (f"{score['arm']} {measure.pattern.format(score[measure.name])}" for score in scores)
    create_markdown_artifact(
        summary_markdown(content, page, list_backgrounds(outcomes)),
        key="verisim-result",
        description=f"{measure.title}: {', '.join(values)}",
    )
    for row in content["pictures"]["scenes"][:1]:
        create_markdown_artifact(
            scene_markdown(row),
            key="verisim-scene",
            description=", ".join(picture["caption"] for picture in row),
        )


def list_backgrounds(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Of every background, by name: whether this run rendered scenes over it or found them."""
    found: dict[str, str] = {}
    for outcome in outcomes:
        if outcome.kind == "scenes":
            name = outcome.label.removeprefix("render ").rpartition(" ")[0]
            if outcome.state == "built":
                found[name] = "rendered"
            found.setdefault(name, "reused")
    return found


def summary_markdown(content: dict[str, Any], page: Path, backgrounds: dict[str, str]) -> str:
    """The report's first screen as markdown, with crops before and after the refiner, and what was rendered."""
    table = score_table(content["evaluation"]).markdown()
    lines = [*(f"- {sentence}" for sentence in headline(content)), ""]
    lines += [line for note in warnings(content) for line in (f"> {note}", "")]
    crops = " ".join(
        f"![{pair['caption']}]({pair['source']})" for pair in content["pictures"]["crop_pairs"][:4]
    )
    return "\n".join(
        [
            *(f"Report: `{page}`", "", "## Does the synthetic data help?", "", *table, "", *lines, ""),
            *("## Crops before and after the refiner", "", crops, ""),
            *("## Backgrounds", "", *_background_lines(backgrounds)),
        ]
    )


def scene_markdown(pictures: Sequence[dict[str, Any]]) -> str:
    """One scene in its forms, each under its caption."""
    lines = (
        (f"### {item['caption']}", "", f"![{item['caption']}]({item['source']})", "") for item in pictures
    )
    return "\n".join(line for group in lines for line in group)


def _background_lines(backgrounds: dict[str, str]) -> list[str]:
    lines = []
    for what in ("rendered", "reused"):
        names = [f"`{name}`" for name, state in backgrounds.items() if state == what]
        shown = ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
        lines.append(f"- {what}: {len(names)}" + (f" ({shown})" if names else ""))
    return lines


def publish_sweep(page: Path, summaries: Sequence[dict[str, Any] | None]) -> None:
    """The table of a sweep as a markdown artifact; `page` is its page, with the other forms beside it.

    `summaries` are those of its points, in the order of the table; None for one that failed.
    """
    content = json.loads(page.with_name("table.json").read_text(encoding="utf-8"))
    text = sweep_markdown(content, summaries, page)
    failed = sum("error" in row for row in content["rows"])
    description = f"{len(content['rows'])} points, {failed} failed"
    create_markdown_artifact(text, key="verisim-sweep", description=description)


def sweep_markdown(content: dict[str, Any], summaries: Sequence[dict[str, Any] | None], page: Path) -> str:
    """The table, what failed or is suspicious, and the same crops before and after the first refiners."""
    header, *rows = table_cells(content)
    lines = [" | ".join(row) for row in (header, ["---"] * len(header), *rows)]
    names = [describe({axis: row[axis] for axis in content["axes"]}) for row in content["rows"]]
    notes = []
    for name, row in zip(names, content["rows"], strict=True):
        if "error" in row:
            notes.append(f"- `{name}` failed: {shorten(row['error'])}")
        elif "warnings" in row:
            notes.append(f"- `{name}`: {row['warnings']}")
    strips = _crop_strips(names, summaries)
    return "\n".join(
        [
            *(f"Page: `{page}`", "", f"## {content['name']}", "", *(f"| {line} |" for line in lines), ""),
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

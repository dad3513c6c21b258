"""What a run leaves in Prefect's UI: the table, a few thumbnails and the path of the report."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_image_artifact, create_markdown_artifact

from flows.sweep_table import table_cells
from tasks.report.headline import headline
from tasks.report.page import warnings
from tasks.run_context import Outcome

_MOST_NAMES = 12


def publish_summary(content: dict[str, Any], page: Path, outcomes: Sequence[Outcome]) -> None:
    """A markdown artifact with the result and an image artifact with one refined scene, as data URIs."""
    create_markdown_artifact(
        summary_markdown(content, page, list_backgrounds(outcomes)),
        key="verisim-result",
        description="Result of the run",
    )
    for row in content["pictures"]["scenes"][:1]:
        for index, picture in enumerate(row):
            create_image_artifact(
                image_url=picture["source"], key=f"verisim-scene-{index}", description=picture["caption"]
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
    scores = content["evaluation"]["scores"]
    rows = [
        f"| {score['arm']} | {score['precision']:.3f} | {score['recall']:.3f} | {score['f1']:.3f} | {_interval(score)} |"
        for score in scores
    ]
    table = ["| Trained on | Precision | Recall | F1 | 95 % interval |", "|---|---|---|---|---|", *rows]
    lines = [*(f"- {sentence}" for sentence in headline(content)), ""]
    lines += [line for note in warnings(content) for line in (f"> {note}", "")]
    crops = " ".join(
        f"![{pair['caption']}]({pair['source']})" for pair in content["pictures"]["crop_pairs"][:4]
    )
    return "\n".join(
        [
            *("## Does the synthetic data help?", "", *table, "", *lines, "", crops, ""),
            *("## Backgrounds", "", *_background_lines(backgrounds), "", f"Report: `{page}`"),
        ]
    )


def _background_lines(backgrounds: dict[str, str]) -> list[str]:
    lines = []
    for what in ("rendered", "reused"):
        names = [f"`{name}`" for name, state in backgrounds.items() if state == what]
        shown = ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
        lines.append(f"- {what}: {len(names)}" + (f" ({shown})" if names else ""))
    return lines


def publish_sweep(page: Path) -> None:
    """The table of a sweep as a markdown artifact; `page` is its page, with the other forms beside it."""
    content = json.loads(page.with_name("table.json").read_text())
    header, *rows = table_cells(content)
    lines = [" | ".join(row) for row in (header, ["---"] * len(header), *rows)]
    text = "\n".join([f"## {content['name']}", "", *(f"| {line} |" for line in lines), "", f"Page: `{page}`"])
    create_markdown_artifact(text, key="verisim-sweep", description="Table of the sweep")


def _interval(score: dict[str, Any]) -> str:
    return "none" if score["interval"] is None else "{:.3f} – {:.3f}".format(*score["interval"])

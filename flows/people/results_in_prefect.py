"""What a run leaves in Prefect's UI: the table, what changed, a few thumbnails and where the report is."""

from collections.abc import Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact

from tasks.building.run_context import Outcome
from tasks.report.headline import headline
from tasks.report.notes import warnings
from tasks.report.result_tables import score_table
from tasks.scoring.records import main_measure

_MOST_NAMES = 12


def publish_summary(
    content: dict[str, Any], page: str, changes: Sequence[str], outcomes: Sequence[Outcome]
) -> None:
    """Markdown artifacts with the result and with one scene; pictures are data URIs. `page` is the line that leads to it.

    Prefect's own artifacts of images print such a URI across the page.
    """
    scores, measure = content["evaluation"]["scores"], main_measure(content["evaluation"])
    values = (f"{score['arm']} {measure.pattern.format(score[measure.name])}" for score in scores)
    create_markdown_artifact(
        summary_markdown(content, page, changes, list_backgrounds(outcomes)),
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


def summary_markdown(
    content: dict[str, Any], page: str, changes: Sequence[str], backgrounds: dict[str, str]
) -> str:
    """The report's first screen as markdown, what changed, crops before and after the refiner, what was rendered."""
    table = score_table(content["evaluation"]).markdown()
    lines = [*(f"- {sentence}" for sentence in headline(content)), ""]
    lines += [line for note in warnings(content) for line in (f"> {note}", "")]
    crops = " ".join(
        f"![{pair['caption']}]({pair['source']})" for pair in content["pictures"]["crop_pairs"][:4]
    )
    return "\n".join(
        [
            *(page, "", "## Does the synthetic data help?", "", *table, "", *lines, "", *changes, ""),
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

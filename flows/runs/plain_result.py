"""What a run leaves where its pipeline has no report of its own: a plain page, and the figures in Prefect's UI."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from flows.configuration.result_pages import report_page
from flows.configuration.run import RunSettings
from flows.runs.changes import changes, figure_changes
from flows.runs.result_links import publish
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.report.blocks import number
from tasks.report.headline import headline
from tasks.report.plain import describe_figure, write_plain_page
from tasks.report.result_tables import score_table
from tasks.scoring.records import main_measure


def publish_table(config: RunSettings, run: Run, evaluation: dict[str, Any], page: Path) -> None:
    """The scores of an evaluation, whatever it measured, its headline, and what changed against the run before, as the
    artifact `verisim-result`.
    """
    measure = main_measure(evaluation)
    lines = [f"- {sentence}" for sentence in headline({"evaluation": evaluation})]
    changed = changes(run, config.settled().model_dump(mode="json", by_alias=True))
    text = "\n".join([publish(run, page), "", *score_table(evaluation).markdown(), "", *lines, "", *changed])
    values = (
        f"{score['arm']} {number(score[measure.name], measure.pattern)}" for score in evaluation["scores"]
    )
    description = f"{measure.title}: {', '.join(values)}"
    create_markdown_artifact(text, key="verisim-result", description=description)


def publish_figures(config: RunSettings, run: Run, figures: Mapping[str, Any]) -> Path:
    """The page that was written, with the same figures as the artifact `verisim-result`."""
    page = report_page(config)
    settings = config.settled().model_dump(mode="json", by_alias=True)
    write_plain_page(page, tell_run(run), figures=figures, config=settings)
    changed = figure_changes(run, settings, figures, page)
    rows = [f"| {name} | {describe_figure(value)} |" for name, value in figures.items()]
    text = "\n".join([publish(run, page), "", "| Figure | |", "|---|---|", *rows, "", *changed])
    said = ", ".join(f"{name} {describe_figure(value)}" for name, value in figures.items())
    create_markdown_artifact(text, key="verisim-result", description=said)
    return page

"""What a run leaves where its pipeline has no report of its own: a plain page, and the figures in Prefect's UI."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from flows.configuration.result_pages import report_page
from flows.configuration.run import RunSettings
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.report.plain import describe_figure, write_plain_page


def publish_figures(config: RunSettings, run: Run, figures: Mapping[str, Any]) -> Path:
    """The page that was written, with the same figures as the artifact `verisim-result`."""
    page = report_page(config)
    write_plain_page(page, tell_run(run), figures=figures, config=config.settled().model_dump(mode="json"))
    rows = [f"| {name} | {describe_figure(value)} |" for name, value in figures.items()]
    text = "\n".join([f"Report: `{page}`", "", "| Figure | |", "|---|---|", *rows])
    said = ", ".join(f"{name} {describe_figure(value)}" for name, value in figures.items())
    create_markdown_artifact(text, key="verisim-result", description=said)
    return page

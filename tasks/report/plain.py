"""A page for pipelines that have none of their own: figures, what was made, and the configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.templates import render_run_page


def write_plain_page(
    path: Path, run: RunFacts, *, figures: Mapping[str, Any], config: dict[str, Any]
) -> None:
    """Write `path` (index.html), which works from disk without a network."""
    values = {
        "figures": {name: describe_figure(value) for name, value in figures.items()},
    }
    text = render_run_page(
        Path(__file__).with_name("plain.html"), run, values, config=config, has_plots=False
    )
    write_atomically(path, text)


def describe_figure(value: Any) -> str:
    """A number to four digits, anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)

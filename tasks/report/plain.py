"""A page for pipelines that have none of their own: figures, what was made, and the configuration."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.templates import read_style, read_template


def write_plain_page(
    path: Path, run: RunFacts, *, figures: Mapping[str, Any], config: dict[str, Any]
) -> None:
    """Write `path` (index.html), which works from disk without a network."""
    text = read_template(Path(__file__).with_name("plain.html")).render(
        style=read_style(),
        run_name=run.name,
        date=time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started)),
        seconds=time.time() - run.started,
        made=run.made(),
        figures={name: describe_figure(value) for name, value in figures.items()},
        artifacts=run.artifacts,
        configuration=yaml.safe_dump(config, sort_keys=False),
    )
    write_atomically(path, text)


def describe_figure(value: Any) -> str:
    """A number to four digits, anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)

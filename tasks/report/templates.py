"""The templates of pages, the style that they share, and the frame that every run's page has."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from plotly.offline import get_plotlyjs

from tasks.building.run_facts import RunFacts


def read_template(path: Path) -> Template:
    """A page's template, which escapes what it is given and refuses to leave something out.

    It may `extend` the frame and `import` the macros that lie beside this module.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )
    return environment.from_string(path.read_text(encoding="utf-8"))


def read_style() -> str:
    """The style sheet of all pages."""
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def render_run_page(
    template: Path,
    run: RunFacts,
    values: Mapping[str, Any],
    *,
    config: dict[str, Any],
    has_plots: bool = True,
) -> str:
    """HTML of a page that extends the frame: the run's name, date, cost and configuration around what `values` fill."""
    return read_template(template).render(
        **values,
        style=read_style(),
        plotly_js=get_plotlyjs() if has_plots else "",
        run_name=run.name,
        date=time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started)),
        seconds=time.time() - run.started,
        made=run.made(),
        artifacts=run.artifacts,
        lineage=run.lineage,
        configuration=yaml.safe_dump(config, sort_keys=False),
    )

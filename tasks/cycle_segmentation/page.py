"""The page of a run of segmenters with a cycle: one self-contained HTML file."""

import json
import time
from pathlib import Path
from typing import Any

import yaml
from plotly.offline import get_plotlyjs

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.blocks import Table
from tasks.report.headline import headline
from tasks.report.noise_table import MEANING, noise_table
from tasks.report.result_tables import comparison_table, seed_table
from tasks.report.templates import read_style, read_template
from tasks.segmentation.page import class_table, part_tables, warnings

_EMPTY = Table("", ("",), ())


def write_cycle_page(path: Path, content: dict[str, Any], run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network; `content` is that of `write_cycle_report`."""
    evaluation, reconstruction = content["evaluation"], content["reconstruction"]
    text = read_template(Path(__file__).with_name("page.html")).render(
        **content,
        style=read_style(),
        headline=headline(content),
        warnings=warnings(content),
        main_table=noise_table(content["rows"]),
        meaning=MEANING,
        seed_table=seed_table(evaluation),
        comparison_table=comparison_table(evaluation),
        reconstruction_table=comparison_table(reconstruction) if reconstruction else _EMPTY,
        class_table=class_table(evaluation),
        parts=part_tables(evaluation),
        run_name=run.name,
        date=time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started)),
        seconds=time.time() - run.started,
        made=run.made(),
        artifacts=run.artifacts,
        configuration=yaml.safe_dump(config, sort_keys=False),
        plotly_js=get_plotlyjs(),
    )
    write_atomically(path, text)
    for name in ("evaluation", "reconstruction", "rows"):
        write_atomically(path.with_name(f"{name}.json"), json.dumps(content[name], indent=1))

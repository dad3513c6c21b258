"""The page of a run of segmenters with a cycle: one self-contained HTML file."""

import json
from pathlib import Path
from typing import Any

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.blocks import Table
from tasks.report.headline import headline
from tasks.report.noise_table import MEANING, noise_table
from tasks.report.result_tables import comparison_table, seed_table
from tasks.report.templates import render_run_page
from tasks.segmentation.page import class_table, part_tables, warnings

_EMPTY = Table("", ("",), ())


def write_cycle_page(path: Path, content: dict[str, Any], run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network; `content` is that of `write_cycle_report`."""
    evaluation, reconstruction = content["evaluation"], content["reconstruction"]
    values = {
        **content,
        "headline": headline(content),
        "warnings": warnings(content),
        "main_table": noise_table(content["rows"]),
        "meaning": MEANING,
        "seed_table": seed_table(evaluation),
        "comparison_table": comparison_table(evaluation),
        "reconstruction_table": comparison_table(reconstruction) if reconstruction else _EMPTY,
        "class_table": class_table(evaluation),
        "parts": part_tables(evaluation),
    }
    text = render_run_page(Path(__file__).with_name("page.html"), run, values, config=config)
    write_atomically(path, text)
    for name in ("evaluation", "reconstruction", "rows"):
        write_atomically(path.with_name(f"{name}.json"), json.dumps(content[name], indent=1))

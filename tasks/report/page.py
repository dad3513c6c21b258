"""Puts a report's content and the facts of one run into one self-contained HTML page."""

import json
from pathlib import Path
from typing import Any

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.headline import headline
from tasks.report.notes import warnings
from tasks.report.result_tables import comparison_table, full_score_table, seed_table
from tasks.report.tables import write_tables
from tasks.report.templates import render_run_page
from tasks.scoring.records import main_measure


def write_page(path: Path, content_path: Path, run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network, and the tables beside it."""
    content = json.loads(content_path.read_text(encoding="utf-8"))
    evaluation = content["evaluation"]
    values = {
        **content,
        "headline": headline(content),
        "warnings": warnings(content),
        "measure": main_measure(evaluation),
        "score_table": full_score_table(evaluation),
        "seed_table": seed_table(evaluation),
        "comparison_table": comparison_table(evaluation),
    }
    text = render_run_page(Path(__file__).with_name("page.html"), run, values, config=config)
    write_atomically(path, text)
    write_tables(path.parent, content, run.artifacts)
    write_atomically(path.with_name("label_check.json"), json.dumps(content["label_check"], indent=1))

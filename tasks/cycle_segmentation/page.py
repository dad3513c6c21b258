"""The page of a run of segmenters with a cycle: one self-contained HTML file."""

import json
import time
from pathlib import Path
from typing import Any

import yaml
from plotly.offline import get_plotlyjs

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.report.blocks import NONE, Table, number
from tasks.report.headline import headline
from tasks.report.result_tables import comparison_table, seed_table
from tasks.report.templates import read_style, read_template
from tasks.segmentation.page import class_table, condition_table, warnings

_EMPTY = Table("", ("",), ())
_HEADER = (
    *("Arm", "Noise", "SNR [dB]", "mIoU", "95 % interval", "mIoU with void", "PSNR [dB]"),
    *("Watermark [dB]", "Saturated", "Paper: SNR", "Paper: mIoU [%]", "Paper: PSNR"),
)


def write_cycle_page(path: Path, content: dict[str, Any], run: RunFacts, *, config: dict[str, Any]) -> None:
    """Write `path` (index.html), which works from disk without a network; `content` is that of `write_cycle_report`."""
    evaluation, reconstruction = content["evaluation"], content["reconstruction"]
    text = read_template(Path(__file__).with_name("page.html")).render(
        **content,
        style=read_style(),
        headline=headline(content),
        warnings=warnings(content),
        main_table=main_table(content["rows"]),
        seed_table=seed_table(evaluation),
        comparison_table=comparison_table(evaluation),
        reconstruction_table=comparison_table(reconstruction) if reconstruction else _EMPTY,
        class_table=class_table(evaluation),
        condition_table=condition_table(evaluation),
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


def main_table(rows: list[dict[str, Any]]) -> Table:
    """Table 2 of the paper, ours beside it; a row an arm."""
    return Table("", _HEADER, tuple(map(_row, rows)), frozenset((3,)))


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    paper = row["paper"] or {"snr_db": None, "mean_iou_percent": None, "psnr_db": None}
    bounds = row["interval"]
    return (
        row["arm"],
        row["noise"],
        number(row["snr_db"], "{:.2f}"),
        number(row["mean_iou"]),
        NONE if bounds is None else f"{bounds[0]:.3f} – {bounds[1]:.3f}",
        number(row["mean_iou_with_void"]),
        number(row["psnr_db"], "{:.2f}"),
        number(row["probe_drop_db"], "{:.2f}"),
        number(row["saturated_share"], "{:.0%}"),
        number(paper["snr_db"], "{:.2f}"),
        number(paper["mean_iou_percent"], "{:.1f}"),
        number(paper["psnr_db"], "{:.2f}"),
    )

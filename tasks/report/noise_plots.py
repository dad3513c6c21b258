"""Figures of arms with a cycle and noise, as plotly figures without any network access."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from tasks.report.plots import COLORS, figure_html

_LINES = (("mean_iou", "mIoU", "y"), ("psnr_db", "PSNR [dB]", "y2"))


def class_bars(classes: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """IoU of every class, a bar an arm (the paper's figure 4).

    `classes` as evaluations have them, with `iou` by arm; `names` says which arms are drawn, and how they are called.
    """
    figure = go.Figure()
    for number, (arm, name) in enumerate(names.items()):
        figure.add_bar(
            x=[row["name"] for row in classes],
            y=[row["iou"][arm] for row in classes],
            name=name,
            marker_color=COLORS[number % len(COLORS)],
        )
    figure.update_layout(barmode="group")
    figure.update_yaxes(range=[0, 1])
    return figure_html(figure, x="class", y="IoU", name="classes")


def scores_over_noise(rows: Sequence[dict[str, Any]]) -> str:
    """mIoU and PSNR over the measured ratio of the noise, the paper's as dots; "" where fewer than two rows have a ratio."""
    noisy = sorted((row for row in rows if row["snr_db"] is not None), key=lambda row: row["snr_db"])
    if len(noisy) < 2:
        return ""
    figure = go.Figure()
    for number, (key, name, axis) in enumerate(_LINES):
        figure.add_scatter(
            x=[row["snr_db"] for row in noisy],
            y=[row[key] for row in noisy],
            text=[row["noise"] for row in noisy],
            name=name,
            yaxis=axis,
            mode="lines+markers",
            line_color=COLORS[number],
        )
        _add_paper(figure, noisy, number)
    figure.update_layout(yaxis2={"title": "PSNR [dB]", "overlaying": "y", "side": "right", "showgrid": False})
    return figure_html(figure, x="measured signal-to-noise ratio [dB]", y="mIoU", name="noise")


def _add_paper(figure: go.Figure, noisy: Sequence[dict[str, Any]], number: int) -> None:
    """At the ratios that the paper measured."""
    key, name, axis = _LINES[number]
    papers = [row["paper"] for row in noisy if row["paper"] and row["paper"]["snr_db"] is not None]
    if not papers:
        return
    values = {
        "mean_iou": [paper["mean_iou_percent"] / 100 for paper in papers],
        "psnr_db": [paper["psnr_db"] for paper in papers],
    }
    figure.add_scatter(
        x=[paper["snr_db"] for paper in papers],
        y=values[key],
        name=f"{name} of the paper",
        yaxis=axis,
        mode="markers",
        marker={"color": COLORS[number], "symbol": "diamond-open", "size": 10},
    )

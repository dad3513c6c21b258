"""Figures of arms with a cycle and noise, as plotly figures without any network access."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from tasks.report.plots import COLORS, figure_html

NoiseMeasure = Literal["mean_iou", "psnr_db"]
_TITLES: dict[NoiseMeasure, str] = {"mean_iou": "mIoU", "psnr_db": "PSNR [dB]"}


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


def over_noise(rows: Sequence[dict[str, Any]], measure: NoiseMeasure) -> str:
    """mIoU or PSNR over the measured ratio of the noise, the paper's beside it; "" where fewer than two rows have one."""
    noisy = [row for row in rows if row["snr_db"] is not None]
    if len(noisy) < 2:
        return ""
    papers = [row["paper"] for row in noisy if row["paper"] and row["paper"]["snr_db"] is not None]
    of_paper = {
        "mean_iou": [paper["mean_iou_percent"] / 100 for paper in papers],
        "psnr_db": [paper["psnr_db"] for paper in papers],
    }
    figure = go.Figure()
    figure.add_scatter(
        x=[row["snr_db"] for row in noisy],
        y=[row[measure] for row in noisy],
        text=[row["noise"] for row in noisy],
        name="ours",
        mode="markers+text",
        textposition="top center",
        marker={"color": COLORS[0], "size": 9},
    )
    figure.add_scatter(
        x=[paper["snr_db"] for paper in papers],
        y=of_paper[measure],
        name="of the paper",
        mode="markers",
        marker={"color": COLORS[1], "symbol": "diamond-open", "size": 9},
    )
    figure.update_layout(showlegend=True)
    return figure_html(figure, x="measured signal-to-noise ratio [dB]", y=_TITLES[measure], name=measure)

"""Figures of the report, as plotly figures without any network access."""

from typing import Any

import plotly.graph_objects as go

from tasks.report.plots import COLORS, figure_html


def class_bars(evaluation: dict[str, Any]) -> str:
    """IoU of every class, a bar an arm (the paper's figure 4)."""
    figure = go.Figure()
    classes = evaluation["classes"]
    for number, score in enumerate(evaluation["scores"]):
        arm = score["arm"]
        figure.add_bar(
            x=[row["name"] for row in classes],
            y=[row["iou"][arm] for row in classes],
            name=arm,
            marker_color=COLORS[number % len(COLORS)],
        )
    figure.update_layout(barmode="group")
    figure.update_yaxes(range=[0, 1])
    return figure_html(figure, x="class", y="IoU", name="classes")


def scores_over_noise(rows: list[dict[str, Any]]) -> str:
    """mIoU and PSNR of each arm over the ratio of its noise; "" where fewer than two arms have one."""
    noisy = sorted((row for row in rows if row["snr_db"] is not None), key=lambda row: row["snr_db"])
    if len(noisy) < 2:
        return ""
    figure = go.Figure()
    for number, (key, name, axis) in enumerate((("mean_iou", "mIoU", "y"), ("psnr_db", "PSNR [dB]", "y2"))):
        figure.add_scatter(
            x=[row["snr_db"] for row in noisy],
            y=[row[key] for row in noisy],
            text=[row["arm"] for row in noisy],
            name=name,
            yaxis=axis,
            mode="lines+markers",
            line_color=COLORS[number],
        )
    figure.update_layout(yaxis2={"title": "PSNR [dB]", "overlaying": "y", "side": "right", "showgrid": False})
    return figure_html(figure, x="measured signal-to-noise ratio [dB]", y="mIoU", name="noise")

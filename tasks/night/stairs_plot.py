"""The improvement stairs of the report: what each step of the seed's way brought, there and here."""

from typing import Any

import plotly.graph_objects as go

from tasks.report.plots import COLORS, figure_html


def plot_stairs(rows: list[dict[str, Any]]) -> str:
    """mIoU in per cent of the arms that the seed's improvement process names, as `night_rows` has them; "" of fewer than
    two.
    """
    if len(rows) < 2:
        return ""
    figure = go.Figure()
    names = [f"{row['arm']} {row['told']}" for row in rows]
    values = [100 * row["value"] for row in rows]
    bounds = [row["interval"] or (row["value"], row["value"]) for row in rows]
    spread = {
        "type": "data",
        "symmetric": False,
        "array": [100 * high - value for value, (_, high) in zip(values, bounds, strict=True)],
        "arrayminus": [value - 100 * low for value, (low, _) in zip(values, bounds, strict=True)],
    }
    line = {"shape": "hvh"}
    figure.add_scatter(
        x=names, y=values, name="here, 95 % interval", mode="lines+markers", line=line, error_y=spread
    )
    seed = [100 * row["seed"] for row in rows]
    figure.add_scatter(x=names, y=seed, name="the seed, single runs", mode="lines+markers", line=line)
    for trace, color in zip(figure.data, COLORS, strict=False):
        trace.update(marker={"color": color}, line={"color": color, "shape": "hvh"})
    return figure_html(figure, x="", y="mIoU by night, per cent")

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
    names = [row["arm"] for row in rows]
    lines = {
        "here, 95 % interval": ([100 * row["value"] for row in rows], _bars(rows)),
        "the seed, single runs": ([100 * row["seed"] for row in rows], None),
    }
    for (name, (values, bars)), color in zip(lines.items(), COLORS, strict=False):
        line = {"shape": "hvh", "color": color}
        figure.add_scatter(x=names, y=values, name=name, mode="lines+markers", line=line, error_y=bars)
    figure.update_xaxes(type="category")  # names such as 3.1 are no numbers
    return figure_html(figure, x="arm, as in the table", y="mIoU by night, per cent")


def _bars(rows: list[dict[str, Any]]) -> dict[str, Any]:
    bounds = [row["interval"] or (row["value"], row["value"]) for row in rows]
    return {
        "type": "data",
        "symmetric": False,
        "array": [100 * (high - row["value"]) for row, (_, high) in zip(rows, bounds, strict=True)],
        "arrayminus": [100 * (row["value"] - low) for row, (low, _) in zip(rows, bounds, strict=True)],
    }

"""Figures of the sections, as plotly figures without any network access."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from models.judging.correlation import Correlation
from tasks.report.plots import COLORS, figure_html

Curve = Sequence[Sequence[float]]  # (step, value) each


@dataclass(frozen=True)
class Measured:
    """A value with its 95 % interval at a place; `name` is what is seen beside it."""

    x: float
    y: float
    bounds: tuple[float, float] | None
    name: str = ""


def measured_lines(lines: dict[str, list[Measured]], *, x: str, y: str, has_zero: bool = False) -> str:
    """Values with bars over a number, a colour a line; `has_zero` draws where nothing is gained."""
    figure = go.Figure()
    for number, (name, items) in enumerate(lines.items()):
        figure.add_scatter(
            x=[item.x for item in items],
            y=[item.y for item in items],
            error_y=_bars(items),
            text=[item.name for item in items],
            name=name,
            mode="lines+markers",
            line_color=COLORS[number % len(COLORS)],
        )
    if has_zero:
        figure.add_hline(y=0, line_color="#5b6675", line_dash="dot")
    figure.update_layout(showlegend=True)
    return figure_html(figure, x=x, y=y, name="lines")


def scattered(items: list[Measured], correlation: Correlation | None, *, x: str, y: str) -> str:
    """Named values with the least-squares line."""
    figure = go.Figure()
    figure.add_scatter(
        x=[item.x for item in items],
        y=[item.y for item in items],
        error_y=_bars(items),
        text=[item.name for item in items],
        mode="markers+text",
        textposition="top center",
        name="refiner",
        marker={"size": 9, "color": COLORS[0]},
    )
    if correlation is not None:
        ends = np.array([min(item.x for item in items), max(item.x for item in items)])
        line = correlation.slope * ends + correlation.intercept
        figure.add_scatter(
            x=ends.tolist(), y=line.tolist(), mode="lines", name="regression", line_color=COLORS[1]
        )
    return figure_html(figure, x=x, y=y, name="scatter")


def components(points: dict[str, list[list[float]]], *, explained: Sequence[float], layer: str) -> str:
    """Sets of crops in the plane of their first two principal components."""
    figure = go.Figure()
    for number, (name, pairs) in enumerate(points.items()):
        figure.add_scatter(
            x=[round(pair[0], 3) for pair in pairs],
            y=[round(pair[1], 3) for pair in pairs],
            name=name,
            mode="markers",
            marker={"size": 6, "opacity": 0.65, "color": COLORS[number % len(COLORS)]},
        )
    first, second = (
        f"component {number + 1} ({100 * share:.0f} %)" for number, share in enumerate(explained)
    )
    return figure_html(figure, x=first, y=second, name=f"components {layer}")


def validation_curves(curves: dict[str, list[Curve]], *, y: str, name: str) -> str:
    """Values on R_val over the steps: each seed faintly, and the mean of all at the steps that they share."""
    figure = go.Figure()
    for number, (arm, seeds) in enumerate(curves.items()):
        color = COLORS[number % len(COLORS)]
        for curve in seeds:
            steps, values = [entry[0] for entry in curve], [entry[1] for entry in curve]
            figure.add_scatter(
                x=steps,
                y=values,
                legendgroup=arm,
                showlegend=False,
                mode="lines",
                opacity=0.3,
                line_color=color,
            )
        steps, means = mean_curve(seeds)
        figure.add_scatter(
            x=steps,
            y=means,
            name=arm,
            legendgroup=arm,
            mode="lines+markers",
            line={"color": color, "width": 3},
        )
    return figure_html(figure, x="step", y=y, name=name)


def mean_curve(curves: list[Curve]) -> tuple[list[float], list[float]]:
    """The mean of curves at the steps that all of them have."""
    values = [{step: value for step, value in curve} for curve in curves]
    steps = sorted(set.intersection(*(set(each) for each in values)))
    return steps, [float(np.mean([each[step] for each in values])) for step in steps]


def seed_dots(rows: dict[str, list[float]], *, x: str, y: str, name: str) -> str:
    """Values in columns, and each column's mean as a line."""
    figure = go.Figure()
    places = [(name, value) for name, values in rows.items() for value in values]
    figure.add_scatter(
        x=[name for name, _ in places],
        y=[value for _, value in places],
        mode="markers",
        name="each detector",
        marker={"size": 9, "color": COLORS[0], "opacity": 0.7},
    )
    figure.add_scatter(
        x=list(rows),
        y=[float(np.mean(values)) for values in rows.values()],
        mode="markers",
        name="mean of a refiner",
        marker={"symbol": "line-ew-open", "size": 28, "color": COLORS[2], "line": {"width": 3}},
    )
    return figure_html(figure, x=x, y=y, name=f"dots {name}")


def _bars(items: list[Measured]) -> dict[str, object]:
    bounds = [item.bounds or (item.y, item.y) for item in items]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - item.y for item, (_, high) in zip(items, bounds, strict=True)],
        "arrayminus": [item.y - low for item, (low, _) in zip(items, bounds, strict=True)],
        "thickness": 1.2,
    }

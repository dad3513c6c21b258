"""Curves and bars of the report, as plotly figures without any network access."""

import zlib
from typing import Any

import plotly.graph_objects as go

from models.judging.measures import Measure
from tasks.scoring.records import main_measure, validation_key

COLORS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#a463f2", "#97bbf5", "#9c6b4e")


def refiner_losses(history: list[dict[str, Any]]) -> str:
    """Every loss of the refiner over its steps."""
    facts = ("step", "total_steps", "epoch", "learning_rate")
    names = [name for name in history[0] if name not in facts] if history else []
    return _named_lines(history, names, y="loss")


def refiner_distances(observations: list[dict[str, Any]]) -> str:
    """Frechet distance to the real crops over the steps, beside that of the unrefined crops; "" if none was taken."""
    figures = [{"step": entry["step"], **entry["figures"]} for entry in observations]
    figures = [entry for entry in figures if "frechet" in entry]
    if not figures:
        return ""
    return _named_lines(figures, ["frechet", "frechet_unrefined"], y="Frechet distance to cR_train")


def component_plot(layer: str, sets: dict[str, list[list[float]]], explained: list[float]) -> str:
    """Crops of every set as dots along the two principal components of a layer's features, with the sets' centres."""
    figure = go.Figure()
    for (name, points), color in zip(sets.items(), _cycle(len(sets)), strict=True):
        x, y = [point[0] for point in points], [point[1] for point in points]
        marker = {"color": color, "size": 6, "opacity": 0.45}
        figure.add_scatter(x=x, y=y, name=name, legendgroup=name, mode="markers", marker=marker)
        middle = {"color": color, "size": 15, "symbol": "x", "line": {"color": "#1c2430", "width": 1}}
        center = {"x": [sum(x) / len(x)], "y": [sum(y) / len(y)]}
        figure.add_scatter(
            **center, name=f"centre of {name}", legendgroup=name, mode="markers", marker=middle
        )
    first, second = (f"{100 * share:.0f} % of the variance" for share in explained)
    return figure_html(figure, x=f"{layer}: first component, {first}", y=f"second component, {second}")


def validation_scores(histories: dict[str, list[list[dict[str, Any]]]], measure: Measure) -> str:
    """The measure on R_val of every arm's detectors over their steps, a line a seed."""
    return _lines(histories, validation_key(measure), y=f"{measure.title} on R_val")


def first_loss(histories: dict[str, list[list[dict[str, Any]]]]) -> str:
    """The first loss that trainings report, of every arm over their steps, a line a seed."""
    entries = [entry for seeds in histories.values() for history in seeds for entry in history]
    beside = {"step", "total_steps", "learning_rate"}
    names = (key for entry in entries for key in entry if key not in beside and not key.startswith("val_"))
    name = next(names, "")
    return _lines(histories, name, y=f"training loss: {name.replace('_', ' ')}")


def detector_losses(histories: dict[str, list[list[dict[str, Any]]]]) -> str:
    """Box loss of every arm's detectors over their steps, a line a seed."""
    entries = [entry for seeds in histories.values() for history in seeds for entry in history]
    name = next((key for entry in entries for key in entry if "box" in key), "")
    return _lines(histories, name, y=f"training loss: {name.replace('_', ' ')}")


def scores_by_arm(evaluation: dict[str, Any]) -> str:
    """Mean of the main measure for every arm with its interval, and each seed's value as a dot."""
    measure, scores = main_measure(evaluation), evaluation["scores"]
    figure, values = go.Figure(), [score[measure.name] for score in scores]
    intervals = [score["interval"] or (value, value) for score, value in zip(scores, values, strict=True)]
    figure.add_bar(
        x=[score["arm"] for score in scores],
        y=values,
        name="mean over seeds, 95 % interval",
        marker_color=COLORS[0],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, (_, high) in zip(values, intervals, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, intervals, strict=True)],
        },
    )
    dots = [(score["arm"], item) for score in scores for item in score["seeds"]]
    figure.add_scatter(
        x=[arm for arm, _ in dots],
        y=[item[measure.name] for _, item in dots],
        text=[f"seed {item['seed']}" for _, item in dots],
        name="each seed",
        mode="markers",
        marker={"color": COLORS[1], "size": 9, "line": {"color": "#1c2430", "width": 1}},
    )
    if measure.is_share:
        figure.update_yaxes(range=[0, 1])
    return figure_html(figure, x="trained on", y=measure.title)


def precision_over_recall(curves: dict[str, list[dict[str, Any]]]) -> str:
    """The envelope of precision of every arm's detectors, a line a seed."""
    lines = {arm: [(seed["levels"], seed["precision"]) for seed in seeds] for arm, seeds in curves.items()}
    return figure_html(_seed_lines(lines, mode="lines"), x="recall", y="precision")


def f1_over_threshold(curves: dict[str, list[dict[str, Any]]]) -> str:
    """F1 of every arm's detectors, had another score threshold been frozen; a line a seed."""
    lines = {arm: [(seed["levels"], seed["f1"]) for seed in seeds] for arm, seeds in curves.items()}
    return figure_html(_seed_lines(lines, mode="lines"), x="score threshold", y="F1 at this threshold")


def _lines(histories: dict[str, list[list[dict[str, Any]]]], name: str, *, y: str) -> str:
    def line(history: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
        entries = [entry for entry in history if name in entry]
        return [entry["step"] for entry in entries], [entry[name] for entry in entries]

    lines = {arm: [line(history) for history in seeds] for arm, seeds in histories.items()}
    return figure_html(_seed_lines(lines, mode="lines+markers"), x="step", y=y)


def _seed_lines(lines: dict[str, list[tuple[list[float], list[float]]]], *, mode: str) -> go.Figure:
    """Lines (x, y) of each arm's seeds, which share a colour and an entry of the legend."""
    figure = go.Figure()
    for (arm, seeds), color in zip(lines.items(), _cycle(len(lines)), strict=True):
        for number, (x, y) in enumerate(seeds):
            figure.add_scatter(
                x=x,
                y=y,
                name=arm,
                legendgroup=arm,
                showlegend=number == 0,
                mode=mode,
                line_color=color,
            )
    return figure


def _named_lines(entries: list[dict[str, Any]], names: list[str], *, y: str) -> str:
    figure = go.Figure()
    steps = [entry["step"] for entry in entries]
    for name, color in zip(names, _cycle(len(names)), strict=True):
        values = [entry[name] for entry in entries]
        figure.add_scatter(x=steps, y=values, name=name.replace("_", " "), line_color=color)
    return figure_html(figure, x="step", y=y)


def _cycle(count: int) -> list[str]:
    return [COLORS[index % len(COLORS)] for index in range(count)]


def figure_html(figure: go.Figure, *, x: str, y: str, name: str = "") -> str:
    """A part of a page that has plotly; `name` tells figures of equal axes on one page apart."""
    figure.update_layout(
        template="plotly_white",
        height=360,
        margin={"l": 50, "r": 10, "t": 10, "b": 45},
        legend={"orientation": "h", "y": 1.12},
        font_family="system-ui, sans-serif",
    )
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)
    config = {"displaylogo": False, "responsive": True, "displayModeBar": False}
    # A fixed id keeps the bytes of equal reports equal; plotly draws a random one.
    identity = f"plot-{zlib.crc32((name + x + y).encode()):x}"
    return figure.to_html(full_html=False, include_plotlyjs=False, config=config, div_id=identity)

"""How near each refiner's crops come to real ones, and whether that says how good detectors become."""

from collections.abc import Sequence

import numpy as np

from models.judging.correlation import LEAST_FOR_INTERVAL, Correlation, correlate
from tasks.report.blocks import NONE, Table, interval, number
from tasks.sweeping.blocks import Plot
from tasks.sweeping.contrasts import score_interval
from tasks.sweeping.figures import Measured, scattered
from tasks.sweeping.points import Group, score_title

_ARM = "S+"
_DRAWS = 2000
_FEW = 10  # refiners: below, an interval is shown and not believed


def crop_set_table(groups: Sequence[Group]) -> Table:
    """Table 4.1; `groups` have at least one finished point each."""
    first = groups[0]
    rows = [
        ("cR_train", *_cells(first, "_unrefined", "_real_halves")),
        ("cS", *_cells(first, "_synthetic_halves", "_unrefined")),
        *((f"cS+ of {group.name}", *_cells(group, "_to_synthetic", "")) for group in groups),
    ]
    summary = first.points[0].summary
    assert summary is not None
    caption = (
        f"Table 4.1. Distances between sets of {summary['num_compared']} crops in the features of {summary['extractor']}. "
        "Frechet distances depend on the number of crops, and are not FID; the kernel distance (KID: unbiased MMD²) does "
        "not. "
        "Of a set to itself: between two halves, which have no crop in common and only half as many crops."
    )
    header = ("Crops", "Frechet to cS", "Frechet to cR_train", "KID to cS", "KID to cR_train")
    return Table(caption, header, tuple(rows))


def _cells(group: Group, to_synthetic: str, to_real: str) -> tuple[str, ...]:
    """Frechet to cS and cR_train, then KID; `to_...` are the endings of the figures' names."""
    ends = (to_synthetic, to_real)
    return (
        *(number(group.figure(f"frechet{end}"), "{:.4g}") for end in ends),
        *(_with_spread(group, end) for end in ends),
    )


def _with_spread(group: Group, end: str) -> str:
    value, spread = group.figure(f"kid{end}"), group.figure(f"kid_std{end}")
    if value is None:
        return NONE
    return f"{value:.3g}" + ("" if spread is None else f" ± {spread:.2g}")


def distance_plots(scored: Sequence[Group]) -> tuple[list[Plot], list[str]]:
    """Figures 4.8 and 4.9, each with a sentence about its correlation."""
    plots, said = [], []
    for title, figure, target in (
        ("Figure 4.8", "frechet", "cR_train"),
        ("Figure 4.9", "frechet_to_synthetic", "cS"),
    ):
        items = _measured(scored, figure)
        if not items:
            continue
        measured = score_title(scored)
        x, y = (np.array([getattr(item, axis) for item in items]) for axis in ("x", "y"))
        found = correlate(x, y, draws=_DRAWS, rng=np.random.default_rng(0))
        sentence = _in_words(found, len(items), f"{measured} (trained on S+) and the distance to {target}")
        html = scattered(
            items, found, x=f"Frechet distance of cS+ to {target}", y=f"{measured} on R_test, trained on S+"
        )
        plots.append(Plot(f"{title}: {measured} over the distance to {target}", html, note=sentence))
        said.append(sentence)
    return plots, said


def _measured(scored: Sequence[Group], figure: str) -> list[Measured]:
    return [
        Measured(distance, group.mean_score(_ARM), score_interval(group, _ARM), group.name)
        for group in scored
        if _ARM in group.arms and (distance := group.figure(figure)) is not None
    ]


def _in_words(found: Correlation | None, count: int, subject: str) -> str:
    if found is None:
        return f"{subject}: {count} refiners are too few for a correlation, or all alike."
    if found.interval is None:
        return (
            f"{subject} correlate by {found.value:+.2f} over {count} refiners; fewer than {LEAST_FOR_INTERVAL} give no "
            "interval and prove nothing."
        )
    few = f" {count} refiners are few: the interval is rather too narrow." if count < _FEW else ""
    told = "" if found.interval[0] > 0 or found.interval[1] < 0 else " That may be chance."
    value = f"{found.value:+.2f} {interval(found.interval, '{:+.2f}')}"
    return f"{subject} correlate by {value} over {count} refiners.{told}{few}"

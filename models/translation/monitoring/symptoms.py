"""What has gone wrong with a refiner, in plain words with what to try."""

from collections.abc import Mapping

from models.translation.monitoring.config import WarningBounds


def find_symptoms(figures: Mapping[str, float], bounds: WarningBounds) -> tuple[str, ...]:
    """One sentence for each of `figures` beyond its bound; figures that are missing say nothing.

    Looks at change_grey_levels, diversity_ratio, mean_attention and checkerboard.
    """
    found = (
        _identity(figures.get("change_grey_levels"), bounds),
        _mode_collapse(figures.get("diversity_ratio"), bounds),
        _attention(figures.get("mean_attention"), bounds),
        _checkerboard(figures.get("checkerboard"), bounds),
    )
    return tuple(sentence for sentence in found if sentence is not None)


def _identity(change: float | None, bounds: WarningBounds) -> str | None:
    if change is None or change >= bounds.least_change_grey_levels:
        return None
    return (
        f"The refiner returns its input: it changes {change:.2f} grey levels on average (below "
        f"{bounds.least_change_grey_levels:g}). Train longer, or lower the weights of the cycle and identity losses."
    )


def _mode_collapse(ratio: float | None, bounds: WarningBounds) -> str | None:
    if ratio is None or ratio >= bounds.least_diversity:
        return None
    return (
        f"The refined crops look alike (mode collapse): they differ from each other {ratio:.2f} times as much as their "
        f"inputs do (below {bounds.least_diversity:g}). Raise the weight of the cycle or identity loss, or try another "
        "seed."
    )


def _attention(mean: float | None, bounds: WarningBounds) -> str | None:
    if mean is None or bounds.least_attention <= mean <= bounds.most_attention:
        return None
    where, limit = (
        ("nowhere", f"below {bounds.least_attention:g}")
        if mean < bounds.least_attention
        else ("everywhere", f"above {bounds.most_attention:g}")
    )
    return (
        f"The attention is {where}: its mean is {mean:.3f} ({limit}). Lower losses.cycle_pixel (10 has led to no "
        "attention where 1 did not), or try another seed."
    )


def _checkerboard(energy: float | None, bounds: WarningBounds) -> str | None:
    if energy is None or energy <= bounds.most_checkerboard:
        return None
    return (
        f"The refined crops carry a pattern of dots: {energy:.1f} times the energy of the neighbouring frequencies at "
        f"the upsampling's stride (above {bounds.most_checkerboard:g}). Set generator.upsampling to resize, or train "
        "longer."
    )

"""What the report says about the refiner: a table of crops before and after it, and what it did in plain words."""

from typing import Any

from tasks.report.plots import component_plot

_FEW_CROPS = 30


def refiner_section(
    measures: dict[str, Any], components: dict[str, Any], observations: list[dict[str, Any]], *, seam: float
) -> dict[str, Any]:
    """`rows` of the table with its `caption`, `sentences`, `warnings`, `course_warnings` of looks while it trained, and
    `components`, plots of the principal ones.

    From the contents of measures.json, pca.json and observations.json; `seam` is in grey levels per pixel, at the
    borders of reinserted crops.
    """
    figures = measures["figures"]
    return {
        "rows": _rows(figures),
        "caption": _caption(measures),
        "sentences": [*_room(figures), *_changes(figures), *_heads(figures), _seams(seam)],
        "warnings": measures["warnings"],
        "course_warnings": _course_warnings(observations),
        "components": {
            layer: component_plot(layer, components[layer], shares)
            for layer, shares in components["explained"].items()
        },
    }


def _course_warnings(observations: list[dict[str, Any]]) -> list[str]:
    return [f"At step {entry['step']}: {warning}" for entry in observations for warning in entry["warnings"]]


def _caption(measures: dict[str, Any]) -> str:
    few = " So few crops say little." * (measures["num_compared"] < _FEW_CROPS)
    kind = " Features of random weights see colours and textures, not contents." * (
        "random weights" in measures["extractor"]
    )
    count = measures["num_compared"]
    return (
        f"Distances between {count} crops of each set, in the features of {measures['extractor']}; of a set to itself "
        f"between two halves of it, {count // 2} crops each, which shows how far chance alone puts so few. They depend "
        "on the number of crops and on the features: compare them within a row and with runs of equal settings only. "
        f"They are not FID.{kind}{few}"
    )


def _rows(figures: dict[str, float]) -> list[dict[str, Any]]:
    """Table 4.1 of the thesis, one row a measure; a measure that could not be taken has no row."""
    to_real = ("_unrefined", "", "_real_halves")
    to_synthetic = ("_synthetic_halves", "_to_synthetic", "_unrefined")
    rows = [
        _row("Frechet distance to cR_train (smaller is nearer)", figures, "frechet", to_real, "{:.4g}"),
        _row("Frechet distance to cS", figures, "frechet", to_synthetic, "{:.4g}"),
        _row(
            "Kernel distance to cR_train, unbiased MMD² (smaller is nearer)",
            figures,
            "kid",
            to_real,
            "{:.3g}",
        ),
        _row("Kernel distance to cS", figures, "kid", to_synthetic, "{:.3g}"),
        _row(
            "Dots at the upsampling's stride (1 is none)",
            figures,
            "checkerboard",
            ("_unrefined", "", "_real"),
            "{:.2f}",
        ),
    ]
    return [row for row in rows if row["values"][1]]


def _row(
    name: str, figures: dict[str, float], key: str, suffixes: tuple[str, str, str], pattern: str
) -> dict[str, Any]:
    """The cells of cS, cS+ and cR_train."""
    return {"name": name, "values": [_cell(figures, key, suffix, pattern) for suffix in suffixes]}


def _cell(figures: dict[str, float], key: str, suffix: str, pattern: str) -> str:
    """With the spread between draws where it was taken."""
    if f"{key}{suffix}" not in figures:
        return ""
    text = pattern.format(figures[f"{key}{suffix}"])
    spread = figures.get(f"{key}_std{suffix}")
    return text if spread is None else f"{text} (± {spread:.2g})"


def _room(figures: dict[str, float]) -> list[str]:
    """Whether the unrefined crops are farther from the real ones than chance puts them."""
    if abs(figures.get("kid_unrefined", 0.0)) >= 2 * figures.get("kid_std_unrefined", 0.0):
        return []
    return [
        "In these features the rendered crops cannot be told from the real ones (their kernel distance is less than "
        "twice its spread), so that no refiner could be seen to come nearer."
    ]


def _changes(figures: dict[str, float]) -> list[str]:
    parts = [f"The refiner changes {figures['change_grey_levels']:.1f} grey levels on average"]
    if "change_inside_grey_levels" in figures:
        parts.append(f"{figures['change_inside_grey_levels']:.1f} inside the person's outline")
    if "change_outside_grey_levels" in figures:
        parts.append(f"{figures['change_outside_grey_levels']:.1f} outside")
    sentences = [", ".join(parts) + "."]
    if "diversity_ratio" in figures:
        sentences.append(
            f"Refined crops differ from each other {figures['diversity_ratio']:.2f} times as much as their inputs do."
        )
    if "mean_attention" in figures:
        sentences.append(f"Its mean attention to the crops shown is {figures['mean_attention']:.2f}.")
    return sentences


def _heads(figures: dict[str, float]) -> list[str]:
    if "num_heads" not in figures:
        return []
    return [
        f"Heads moved {figures['head_displacement_mean_px']:.2f} px on average, 95 % of them at most "
        f"{figures['head_displacement_p95_px']:.2f} px; {100 * figures['head_displacement_share_over_1px']:.0f} % moved by "
        f"more than 1 px (heads registered: {figures['num_heads']}; the method's own noise is about 0.1 px)."
    ]


def _seams(seam: float) -> str:
    return f"The seam at the borders of reinserted crops is {seam:.2f} grey levels per pixel."

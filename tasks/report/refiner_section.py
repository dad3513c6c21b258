"""What the report says about the refiner: a table of crops before and after it, and what it did in plain words."""

from typing import Any

_FEW_CROPS = 30


def refiner_section(measures: dict[str, Any], *, seam: float) -> dict[str, Any]:
    """`rows` of the table with its `caption`, `sentences` and `warnings`, from the content of measures.json.

    `seam` is in grey levels per pixel, at the borders of reinserted crops.
    """
    figures = measures["figures"]
    return {
        "rows": _rows(figures),
        "caption": _caption(measures),
        "sentences": [*_room(figures), *_changes(figures), *_heads(figures), _seams(seam)],
        "warnings": measures["warnings"],
    }


def _caption(measures: dict[str, Any]) -> str:
    few = " So few crops say little." * (measures["num_compared"] < _FEW_CROPS)
    kind = " Features of random weights see colours and textures, not contents." * (
        "random weights" in measures["extractor"]
    )
    return (
        f"Distances to cR_train between {measures['num_compared']} crops of each set, in the features of "
        f"{measures['extractor']}. They depend on the number of crops and on the features: compare them within this "
        f"table and with runs of equal settings only. They are not FID.{kind}{few}"
    )


def _rows(figures: dict[str, float]) -> list[dict[str, Any]]:
    """One a measure; a measure that could not be taken has no row."""
    rows = [
        _row("Frechet distance (smaller is nearer)", figures, "frechet", "{:.4g}"),
        _row("Kernel distance, unbiased MMD² (smaller is nearer)", figures, "kid", "{:.3g}"),
        _row("Dots at the upsampling's stride (1 is none)", figures, "checkerboard", "{:.2f}"),
    ]
    return [row for row in rows if row["values"][1]]


def _row(name: str, figures: dict[str, float], key: str, pattern: str) -> dict[str, Any]:
    return {
        "name": name,
        "values": [_cell(figures, f"{key}{end}", pattern) for end in ("_unrefined", "", "_real")],
    }


def _cell(figures: dict[str, float], key: str, pattern: str) -> str:
    if key not in figures:
        return ""
    spread = key.replace("kid", "kid_std")
    text = pattern.format(figures[key])
    return f"{text} (± {figures[spread]:.2g})" if spread != key and spread in figures else text


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

"""Step: are translated images nearer to photos of the very same view by night than the days were?"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapSet, read_label_maps


@step("twin-figures", libraries=("numpy",))
def measure_twins(out: Path, config: None, before: Path, after: Path, twins: Path) -> None:
    """`twins.json`: mean distances to the twins before and after, and the share of images that came nearer.

    Twins are the same views by night, which only rendered streets or fixed cameras have. ValueError where they do not lie
    as the images do: as many, each of the sequence of its image.
    """
    day, night, wanted = (read_label_maps(folder) for folder in (before, after, twins))
    _check_twins(day, wanted)
    distances = [view_distances(each.images, wanted.images) for each in (day, night)]
    (out / "twins.json").write_text(json.dumps(twin_figures(*distances)), encoding="utf-8")


def view_distances(images_nhwc: np.ndarray, twins_nhwc: np.ndarray) -> np.ndarray:
    """[n]: the mean absolute difference of an image's pixels to those of its twin, in levels of 0..255 (uint8 RGB)."""
    pairs = zip(images_nhwc, twins_nhwc, strict=True)
    return np.array([np.abs(image.astype(np.int16) - twin).mean() for image, twin in pairs])


def twin_figures(before_n: np.ndarray, after_n: np.ndarray) -> dict[str, Any]:
    """Of both distances to the twins, image by image."""
    return {
        "count": len(before_n),
        "before": float(before_n.mean()),
        "after": float(after_n.mean()),
        "nearer_share": float((after_n < before_n).mean()),
    }


def _check_twins(day: LabelMapSet, twins: LabelMapSet) -> None:
    own, other = ([record.sequence for record in data.records] for data in (day, twins))
    if own != other:
        raise ValueError(
            f"twins are {len(other)} images of {_told(other)}, but the labelled images {len(own)} of {_told(own)}; twins "
            "must be the same views in the same order"
        )


def _told(sequences: list[str]) -> str:
    names = list(dict.fromkeys(sequences))
    return f"{len(names)} sequences ({', '.join(names[:3])}{' ..' if len(names) > 3 else ''})"

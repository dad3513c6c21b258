"""How much of generated soiling a detector finds that learned from other images: soiling that is none is not found."""

from pathlib import Path

import numpy as np

from tasks.class_tables.table import IGNORED
from tasks.formats.label_maps import read_label_maps

LEAST_LEVEL = 2  # semi-transparent; what is less shows the scene, and its edge is a matter of taste


def measure_finding(images: Path, segmentation: Path) -> dict[str, float | None]:
    """Over all pixels of a set of soiled images with levels, without those ignored: `iou`, `recall` and `precision` of what
    is semi-transparent or more. None where nothing is, or nothing was found.
    """
    truth, found = read_label_maps(images), np.load(segmentation / "labels.npy", mmap_mode="r")
    assert truth.labels is not None, "soiled images have their levels"
    sums = np.zeros(3, np.int64)
    for known, said in zip(truth.labels, found, strict=True):
        is_judged = np.asarray(known) != IGNORED
        is_soiled, is_found = (np.asarray(levels) >= LEAST_LEVEL for levels in (known, said))
        counted = (is_soiled & is_found, is_soiled, is_found)
        sums += [np.count_nonzero(each & is_judged) for each in counted]
    both, soiled, all_found = map(int, sums)
    return {
        "iou": _share(both, soiled + all_found - both),
        "recall": _share(both, soiled),
        "precision": _share(both, all_found),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

"""Principal components of several sets of feature vectors together, for looking at how the sets lie (Section 2.10)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.configs import require

_COUNT = 2


@dataclass(frozen=True)
class Components:
    """`points` [n, 2] of every set along the two directions of most variance; `explained` is their share of it."""

    points: dict[str, np.ndarray]
    explained: tuple[float, float]


def principal_components(sets: Mapping[str, np.ndarray]) -> Components:
    """Fitted to the union of the sets, each [n, d] with d >= 2; so sets should be equally large.

    A direction's sign is free: its largest weight is made positive, so that equal sets give equal points. Vectors
    without any variance have all points at 0 and explain 0.
    """
    union = np.concatenate(list(sets.values())).astype(np.float64)
    require(
        len(union) >= 2 and union.shape[1] >= _COUNT,
        f"Principal components need two vectors of two values at least, but got {list(union.shape)}; add images.",
    )
    center = union.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(union, rowvar=False))
    chosen = directions[:, : -_COUNT - 1 : -1]  # eigh sorts upwards
    largest = np.abs(chosen).argmax(axis=0)
    chosen = chosen * np.sign(chosen[largest, range(_COUNT)])
    shares = np.maximum(variances[: -_COUNT - 1 : -1], 0) / max(float(variances.sum()), 1e-300)
    points = {name: (vectors - center) @ chosen for name, vectors in sets.items()}
    return Components(points, (float(shares[0]), float(shares[1])))

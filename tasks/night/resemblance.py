"""Which unlabelled images resemble a target most, by vectors of them: features of a fixed network, or histograms (seed 001).

The seed chooses "based on FID" and does not say how a distance between sets ranks single images: four readings. Shapes:
n candidates, m images of the target, d values of each.
"""

from collections.abc import Callable, Sequence

import numpy as np

from models.configs import require
from models.features.distances import frechet_distance

_MOST_TABLED = 20_000  # candidates; 1.6 GB


def nearest_to_mean(candidates_nd: np.ndarray, target_md: np.ndarray, count: int) -> list[int]:
    """`mean`: by Euclidean distance to the target's mean; nearest first."""
    _check(candidates_nd, target_md, count)
    return _least(np.linalg.norm(candidates_nd - target_md.mean(axis=0), axis=1), count)


def likeliest(candidates_nd: np.ndarray, target_md: np.ndarray, count: int) -> list[int]:
    """`mahal`: by Mahalanobis distance to the target, with the covariance that Ledoit and Wolf shrink; nearest first."""
    _check(candidates_nd, target_md, count)
    covariance = shrunk_covariance(target_md)
    centred = candidates_nd - target_md.mean(axis=0)
    return _least(np.einsum("nd,nd->n", centred, np.linalg.solve(covariance, centred.T).T), count)


def herd(candidates_nd: np.ndarray, target_md: np.ndarray, count: int) -> list[int]:
    """`greedy`: one after the other, each the one that brings the mean of those chosen nearest to the target's mean.

    Herding (Welling 2009) without repetition: what is chosen is as varied as the target, where `mean` takes its middle.
    """
    _check(candidates_nd, target_md, count)
    centred = (candidates_nd - target_md.mean(axis=0)).astype(np.float32)
    products = _products(centred)
    # Of a chosen sum s and a candidate c, |s + c|^2 is least where |c|^2 + 2 s c is: |s|^2 is the same for all.
    gaps = np.square(centred).sum(axis=1)
    chosen: list[int] = []
    for _ in range(count):
        best = int(np.argmin(gaps))
        gaps = gaps + 2 * products(best)
        gaps[best] = np.inf
        chosen.append(best)
    return chosen


def nearest_sequences(
    candidates_nd: np.ndarray, target_md: np.ndarray, count: int, *, sequences: Sequence[str]
) -> list[int]:
    """`sequence`: whole sequences by the Frechet distance of their images to the target, until there are enough.

    Of the last one its first images are taken. Sequences of a single image have no covariance and come last.
    """
    _check(candidates_nd, target_md, count)
    members: dict[str, list[int]] = {}
    for index, name in enumerate(sequences):
        members.setdefault(name, []).append(index)
    distances = {
        name: frechet_distance(candidates_nd[own], target_md) if len(own) > 1 else np.inf
        for name, own in members.items()
    }
    order = sorted(members, key=lambda name: distances[name])
    return [index for name in order for index in members[name]][:count]


def shrunk_covariance(vectors_md: np.ndarray) -> np.ndarray:
    """[d, d]: the covariance of [m, d] drawn towards a multiple of the identity, by as much as is best for its error.

    Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices": positive definite
    also where there are fewer images than values.
    """
    centred = vectors_md - vectors_md.mean(axis=0)
    rows, size = centred.shape
    covariance = centred.T @ centred / rows
    scale = np.trace(covariance) / size
    spread = np.square(covariance - scale * np.eye(size)).sum()
    squares = np.square(centred)
    error = ((squares.T @ squares).sum() / rows - np.square(covariance).sum()) / rows
    shrinkage = 0.0 if spread == 0 else min(1.0, max(0.0, error / spread))
    return (1 - shrinkage) * covariance + max(shrinkage * scale, np.finfo(float).tiny) * np.eye(size)


def _products(vectors_nd: np.ndarray) -> Callable[[int], np.ndarray]:
    """[n]: the inner products of all with one of them; all at once where that table fits into memory, twice as fast."""
    if len(vectors_nd) > _MOST_TABLED:
        return lambda index: vectors_nd @ vectors_nd[index]
    table = vectors_nd @ vectors_nd.T
    return lambda index: table[index]


def _least(distances_n: np.ndarray, count: int) -> list[int]:
    return np.argsort(distances_n, kind="stable")[:count].tolist()


def _check(candidates_nd: np.ndarray, target_md: np.ndarray, count: int) -> None:
    require(
        0 < count <= len(candidates_nd),
        f"{count} images are to be chosen of {len(candidates_nd)}; choose between 1 and all of them.",
    )
    require(
        candidates_nd.shape[1] == target_md.shape[1] and len(target_md) >= 1,
        f"Vectors of candidates and target must have the same length, but are {list(candidates_nd.shape)} and "
        f"{list(target_md.shape)}.",
    )

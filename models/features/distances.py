"""Distances between two sets of feature vectors, and how far apart the vectors of one set are.

None of these is "FID": that name belongs to one network and its weights, and these functions do not know the network.
"""

from dataclasses import dataclass

import numpy as np

from models.configs import require

_KERNEL_DEGREE = 3


def frechet_distance(first_nd: np.ndarray, second_md: np.ndarray) -> float:
    """Frechet distance between the normal distributions fitted to two sets [n, d] and [m, d] (Eq. 2.26).

    Exact for any n, m >= 2: Tr (S1 S2)^(1/2) is the nuclear norm of F1 F2^T where S = F^T F, and F needs no more rows
    than the smaller of n and d. Depends on n and m: compare only distances between sets of the same sizes.
    """
    first, second = _checked(first_nd, second_md)
    shift = first.mean(axis=0) - second.mean(axis=0)
    factor_1, factor_2 = _covariance_factor(first), _covariance_factor(second)
    overlap = np.linalg.norm(factor_1 @ factor_2.T, "nuc")
    traces = np.square(factor_1).sum() + np.square(factor_2).sum()
    return max(0.0, float(shift @ shift + traces - 2 * overlap))


@dataclass(frozen=True)
class KernelDistance:
    """`value` over all vectors; `std` between draws of smaller sets, which says how far chance moves it."""

    value: float
    std: float


def kernel_distance(
    first_nd: np.ndarray, second_md: np.ndarray, *, draws: int, rng: np.random.Generator
) -> KernelDistance:
    """Unbiased squared MMD with the kernel (x.y / d + 1)^3 (KID, Binkowski et al. 2018): may be below 0.

    Each of `draws` takes half of both sets, without replacement.
    """
    first, second = _checked(first_nd, second_md)
    within_1, within_2, between = _kernel(first, first), _kernel(second, second), _kernel(first, second)
    values = []
    for _ in range(draws):
        rows = rng.permutation(len(first))[: max(2, len(first) // 2)]
        columns = rng.permutation(len(second))[: max(2, len(second) // 2)]
        values.append(
            _squared_discrepancy(
                within_1[np.ix_(rows, rows)],
                within_2[np.ix_(columns, columns)],
                between[np.ix_(rows, columns)],
            )
        )
    spread = float(np.std(values)) if values else 0.0
    return KernelDistance(_squared_discrepancy(within_1, within_2, between), spread)


def mean_pairwise_distance(vectors_nd: np.ndarray) -> float:
    """Mean Euclidean distance between two different vectors of a set [n, d], n >= 2; 0 where all are equal."""
    vectors, _ = _checked(vectors_nd, vectors_nd)
    # Centred first: products of large, nearly equal numbers would leave nothing of small distances.
    centred = vectors - vectors.mean(axis=0)
    products = centred @ centred.T
    lengths = np.diag(products)
    squares = lengths[:, None] + lengths[None, :] - 2 * products
    above_diagonal = np.triu_indices(len(vectors), k=1)
    return float(np.sqrt(np.maximum(squares[above_diagonal], 0)).mean())


def _covariance_factor(vectors_nd: np.ndarray) -> np.ndarray:
    """F [min(n, d), d] with F^T F the covariance (n - 1 in the denominator)."""
    centred = (vectors_nd - vectors_nd.mean(axis=0)) / np.sqrt(len(vectors_nd) - 1)
    if len(centred) <= centred.shape[1]:
        return centred
    return np.asarray(np.linalg.qr(centred, mode="r"))


def _kernel(first_nd: np.ndarray, second_md: np.ndarray) -> np.ndarray:
    return (first_nd @ second_md.T / first_nd.shape[1] + 1) ** _KERNEL_DEGREE


def _squared_discrepancy(within_1: np.ndarray, within_2: np.ndarray, between: np.ndarray) -> float:
    return float(_mean_off_diagonal(within_1) + _mean_off_diagonal(within_2) - 2 * between.mean())


def _mean_off_diagonal(matrix: np.ndarray) -> float:
    count = len(matrix)
    return float((matrix.sum() - np.trace(matrix)) / (count * (count - 1)))


def _checked(first_nd: np.ndarray, second_md: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64; ValueError unless they are sets of at least two finite vectors of one length."""
    for vectors in (first_nd, second_md):
        require(
            vectors.ndim == 2 and len(vectors) >= 2,
            f"A set of feature vectors must be [n, d] with n >= 2, but was {list(vectors.shape)}; add images.",
        )
        require(
            bool(np.isfinite(vectors).all()),
            "Feature vectors must be finite, but some are not; look at the images that they were taken from.",
        )
    require(
        first_nd.shape[1] == second_md.shape[1],
        f"Both sets must come from one feature network, but their vectors have {first_nd.shape[1]} and "
        f"{second_md.shape[1]} values.",
    )
    return first_nd.astype(np.float64), second_md.astype(np.float64)

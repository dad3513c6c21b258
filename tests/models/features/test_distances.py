import time

import numpy as np
import pytest

from models.features.distances import frechet_distance, kernel_distance, mean_pairwise_distance


def draw(count: int, width: int, *, seed: int) -> np.ndarray:
    """Correlated vectors off the origin."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, width)) @ rng.normal(size=(width, width)) / width**0.5 + rng.normal(
        size=width
    )


def root(matrix: np.ndarray) -> np.ndarray:
    """Square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def textbook_frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Eq. 2.26 with Tr (S1 S2)^(1/2) = Tr (S1^(1/2) S2 S1^(1/2))^(1/2), by eigenvectors."""
    cov_1, cov_2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    overlap = np.trace(root(root(cov_1) @ cov_2 @ root(cov_1)))
    return float(
        np.square(first.mean(0) - second.mean(0)).sum() + np.trace(cov_1) + np.trace(cov_2) - 2 * overlap
    )


@pytest.mark.parametrize(("n", "m", "d"), [(12, 9, 40), (60, 50, 8), (30, 8, 16), (16, 17, 16)])
def test_the_frechet_distance_is_the_textbooks_for_few_and_for_many_vectors(n, m, d):
    first, second = draw(n, d, seed=1), draw(m, d, seed=2)
    assert frechet_distance(first, second) == pytest.approx(textbook_frechet(first, second), rel=1e-5)


def test_in_one_dimension_the_frechet_distance_is_that_of_means_and_deviations():
    first, second = np.array([[1.0], [3.0]]), np.array([[4.0], [10.0]])
    # means 2 and 7, deviations sqrt(2) and sqrt(18): 25 + (sqrt(18) - sqrt(2))^2 = 25 + 8
    assert frechet_distance(first, second) == pytest.approx(33.0)


def test_a_set_is_at_no_frechet_distance_from_itself_and_a_shift_counts_squared():
    vectors = draw(50, 200, seed=0)
    assert frechet_distance(vectors, vectors) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(vectors, vectors + 0.5) == pytest.approx(200 * 0.25)


def test_many_samples_reach_the_closed_form_of_their_normal_distributions():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(40000, 3)), rng.normal(size=(40000, 3)) * [1, 2, 3] + [1, 0, 0]
    # axis-aligned: |(1, 0, 0)|^2 + (1 - 1)^2 + (1 - 2)^2 + (1 - 3)^2
    assert frechet_distance(first, second) == pytest.approx(6.0, rel=0.02)


def test_500_vectors_of_2048_take_a_fraction_of_a_second():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(500, 2048)), rng.normal(size=(500, 2048))
    times = []
    for _ in range(3):
        start = time.process_time()
        frechet_distance(first, second)
        times.append(time.process_time() - start)
    assert min(times) < 1.0


def test_the_kernel_distance_of_two_pairs_by_hand():
    first, second = np.array([[0.0], [1.0]]), np.array([[2.0], [1.0]])
    # k(x, y) = (x y + 1)^3; within: k(0, 1) = 1 and k(2, 1) = 27; between: 1, 1, 27, 8, whose mean is 37 / 4
    found = kernel_distance(first, second, draws=4, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(1 + 27 - 2 * 37 / 4)


def test_the_kernel_distance_leaves_a_vector_out_against_itself():
    rng = np.random.default_rng(0)
    draws = [rng.normal(size=(20, 5)) for _ in range(400)]
    values = [
        kernel_distance(one, other, draws=0, rng=rng).value
        for one, other in zip(draws[::2], draws[1::2], strict=True)
    ]
    # unbiased: equal distributions are at 0 on average, within three standard errors
    assert abs(np.mean(values)) < 3 * np.std(values) / len(values) ** 0.5
    assert min(values) < 0 < max(values)


def test_the_spread_of_the_kernel_distance_is_that_of_random_halves():
    first, second = draw(12, 4, seed=0), draw(10, 4, seed=1)
    found = kernel_distance(first, second, draws=3, rng=np.random.default_rng(5))
    rng, values = np.random.default_rng(5), []
    for _ in range(3):
        one, other = first[rng.permutation(12)[:6]], second[rng.permutation(10)[:5]]
        values.append(kernel_distance(one, other, draws=0, rng=rng).value)
    assert found.std == pytest.approx(np.std(values))


def test_the_mean_pairwise_distance_of_a_right_triangle():
    vectors = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    assert mean_pairwise_distance(vectors) == pytest.approx((3 + 4 + 5) / 3)


def test_small_distances_far_from_the_origin_are_not_lost():
    vectors = np.array([[1e6, 1e6], [1e6 + 3e-3, 1e6 + 4e-3]])
    assert mean_pairwise_distance(vectors) == pytest.approx(5e-3, rel=1e-4)
    assert mean_pairwise_distance(np.full((4, 8), 7.0)) == 0


@pytest.mark.parametrize("measure", [frechet_distance, lambda a, b: kernel_distance(a, b, draws=1, rng=None)])
@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (np.zeros((1, 3)), np.zeros((5, 3)), r"n >= 2, but was \[1, 3\]"),
        (np.zeros((5, 3)), np.zeros((5, 4)), "have 3 and 4 values"),
        (np.zeros((5, 3)), np.full((5, 3), np.nan), "must be finite"),
    ],
)
def test_sets_that_cannot_be_compared_are_refused(measure, first, second, message):
    with pytest.raises(ValueError, match=message):
        measure(first, second)

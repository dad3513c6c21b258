import numpy as np
import pytest

from models.features.principal_components import principal_components


def test_points_and_shares_are_those_of_the_singular_value_decomposition_of_the_union():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(30, 7)), rng.normal(1, 2, size=(30, 7))
    found = principal_components({"a": first, "b": second})
    union = np.concatenate([first, second])
    left, values, right = np.linalg.svd(union - union.mean(axis=0), full_matrices=False)
    signs = np.sign(right[[0, 1], np.abs(right[:2]).argmax(axis=1)])
    expected = (left * values)[:, :2] * signs
    np.testing.assert_allclose(found.points["a"], expected[:30], atol=1e-10)
    np.testing.assert_allclose(found.points["b"], expected[30:], atol=1e-10)
    np.testing.assert_allclose(found.explained, (values**2 / (values**2).sum())[:2], rtol=1e-10)


def test_more_values_than_vectors_is_no_hindrance():
    vectors = np.random.default_rng(1).normal(size=(4, 50))
    found = principal_components({"a": vectors[:2], "b": vectors[2:]})
    _, values, _ = np.linalg.svd(vectors - vectors.mean(axis=0))
    np.testing.assert_allclose(found.explained, (values**2 / (values**2).sum())[:2], rtol=1e-8)


def test_points_on_a_line_lie_along_the_first_component():
    # (3, 4) is 5 long; the larger weight, 4 / 5, is made positive.
    found = principal_components({"a": np.array([[-3.0, -4.0], [0, 0]]), "b": np.array([[3.0, 4.0]])})
    np.testing.assert_allclose(found.points["a"], [[-5, 0], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.points["b"], [[5, 0]], atol=1e-12)
    assert found.explained == pytest.approx((1, 0))


def test_equal_vectors_have_no_components():
    found = principal_components({"a": np.ones((3, 4)), "b": np.ones((2, 4))})
    assert not found.points["a"].any() and found.explained == (0, 0)


def test_one_vector_is_refused():
    with pytest.raises(ValueError, match=r"two vectors of two values at least, but got \[1, 4\]"):
        principal_components({"a": np.ones((1, 4))})

import math

import numpy as np
import pytest

from models.segmentation.class_weighting import class_weights

PIXELS = np.array([60, 30, 10, 0])


def test_inverse_frequency_lets_all_classes_that_are_there_count_alike():
    weights = class_weights("inverse_frequency", PIXELS)
    assert weights is not None
    np.testing.assert_allclose(weights, [1 / 1.8, 1 / 0.9, 1 / 0.3, 0])
    assert (PIXELS * weights).sum() / PIXELS.sum() == pytest.approx(1)


def test_the_published_weights_are_bounded_by_their_offset():
    erfnet, enet = class_weights("erfnet", PIXELS), class_weights("enet", PIXELS)
    assert erfnet is not None and enet is not None
    np.testing.assert_allclose(
        erfnet, [1 / math.log(1.7), 1 / math.log(1.4), 1 / math.log(1.2), 1 / math.log(1.1)]
    )
    np.testing.assert_allclose(enet[[0, 3]], [1 / math.log(1.62), 1 / math.log(1.02)])
    assert erfnet.max() == pytest.approx(10.49, abs=0.01)  # "1 to 10" and "1 to 50" in their papers
    assert enet.max() == pytest.approx(50.5, abs=0.01)


def test_without_weighting_there_are_none():
    assert class_weights("none", PIXELS) is None

import numpy as np
import pytest

from models.judging.variance_components import split_variance


def test_a_table_worked_out_by_hand():
    # means 1, 3, 5; within: squares of -1, 1 three times = 6 with 3 degrees: 2; between: 2 * 8 / 2 = 8: (8 - 2) / 2 = 3
    found = split_variance(np.array([[0.0, 2], [2, 4], [4, 6]]), rng=np.random.default_rng(0))
    assert found is not None
    assert found.within.deviation == pytest.approx(2**0.5)
    assert found.between.deviation == pytest.approx(3**0.5)
    # chi-squared of 3 degrees: 2.5 % at 0.2158 and 97.5 % at 9.3484
    assert found.within.interval == pytest.approx(((6 / 9.3484) ** 0.5, (6 / 0.2158) ** 0.5), rel=0.05)


def test_groups_that_differ_less_than_their_members_have_no_scatter_of_their_own():
    found = split_variance(np.array([[0.0, 2], [2, 0]]), rng=np.random.default_rng(0))
    assert found is not None and found.between.deviation == 0 and found.between.interval[0] == 0


def test_the_intervals_hold_the_truth_about_as_often_as_they_say():
    rng, holds = np.random.default_rng(2), np.zeros(2)
    for _ in range(200):
        values = rng.normal(0, 2.0, (5, 1)) + rng.normal(0, 1.0, (5, 3))
        found = split_variance(values, rng=rng)
        for index, (part, truth) in enumerate(((found.between, 2.0), (found.within, 1.0))):
            holds[index] += part.interval[0] <= truth <= part.interval[1]
    assert (holds / 200 >= 0.9).all() and (holds / 200 <= 0.99).all()


def test_one_group_or_one_member_cannot_be_split():
    rng = np.random.default_rng(0)
    assert split_variance(np.ones((1, 3)), rng=rng) is None
    assert split_variance(np.ones((3, 1)), rng=rng) is None

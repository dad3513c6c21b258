import pytest

from models.detection.resampling import Estimate
from models.detection.verdicts import Needed, decide, find_needed, holm


def result(value: float, *, images: float, seeds: float) -> Estimate:
    return Estimate(value, (value - 1, value + 1), images, seeds, 0.5)


def test_holm_multiplies_the_smallest_by_the_number_and_never_lets_a_later_one_be_smaller():
    # sorted .01 x 4, .02 x 3, .03 x 2 = .06, .04 x 1 = .04 -> raised to .06
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03] and holm([]) == []


def test_holm_rejects_what_the_step_down_rule_rejects():
    """The textbook's rule: going up, reject while p(i) <= level / (m - i); stop at the first that is not."""
    p_values = [0.012, 0.2, 0.001, 0.03, 0.0125]
    rejected, ordered = set(), sorted(p_values)
    for index, p in enumerate(ordered):
        if p > 0.05 / (len(ordered) - index):
            break
        rejected.add(p)
    assert rejected == {0.001, 0.012, 0.0125}
    adjusted = holm(p_values)
    assert {p for p, q in zip(p_values, adjusted, strict=True) if q <= 0.05} == rejected


@pytest.mark.parametrize(
    ("difference", "adjusted_p", "num_seeds", "verdict"),
    [
        (0.1, 0.04, 3, "helps"),
        (-0.1, 0.04, 3, "hurts"),
        (0.1, 0.06, 3, "cannot tell"),
        (0.0, 1.0, 3, "cannot tell"),
        (0.1, 0.001, 1, "cannot tell"),
    ],
)
def test_only_a_small_p_of_several_seeds_decides(difference, adjusted_p, num_seeds, verdict):
    assert decide(difference, adjusted_p, num_seeds=num_seeds) == verdict


def test_what_is_needed_follows_from_half_widths_that_fall_with_the_root():
    # .03^2 = .0009; images alone: 100 x .0016 / .0009 = 177.8
    needed = find_needed(result(0.03, images=0.04, seeds=0.0), num_images=100, num_seeds=1)
    assert needed == Needed(178, None, None)
    # with seeds of .02: 100 x .0016 / (.0009 - .0004) = 320; seeds cannot mend images of .04;
    # both: (.0016 + .0004) / .0009 = 2.22 times
    needed = find_needed(result(0.03, images=0.04, seeds=0.02), num_images=100, num_seeds=3)
    assert needed == Needed(320, None, (223, 7))
    # seeds of .05 limit it: 3 x .0025 / (.0009 - .0001) = 9.4; both: .0026 / .0009 = 2.89 times
    needed = find_needed(result(0.03, images=0.01, seeds=0.05), num_images=100, num_seeds=3)
    assert needed == Needed(None, 10, (289, 9))
    # neither alone: both .04; together .0032 / .0009 = 3.56 times
    needed = find_needed(result(0.03, images=0.04, seeds=0.04), num_images=100, num_seeds=3)
    assert needed == Needed(None, None, (356, 11))


def test_nothing_is_promised_for_no_difference_or_beyond_a_thousandfold():
    nothing = Needed(None, None, None)
    assert find_needed(result(0.0, images=0.0, seeds=0.0), num_images=9, num_seeds=3) == nothing
    assert find_needed(result(0.001, images=0.1, seeds=0.0), num_images=9, num_seeds=3) == nothing

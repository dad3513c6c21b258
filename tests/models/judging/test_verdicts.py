import numpy as np
import pytest

from models.judging.resampling import Estimate
from models.judging.verdicts import Amount, Needed, Size, decide, find_needed, holm


def result(value: float, *, images: float, seeds: float, common: float = 0.0) -> Estimate:
    return Estimate(value, (value - 1, value + 1), images, seeds, common, 0.5)


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
    ("difference", "adjusted_p", "num_seeds", "num_clips", "verdict"),
    [
        (0.1, 0.04, 3, 9, "helps"),
        (-0.1, 0.04, 3, 3, "hurts"),
        (0.1, 0.06, 3, 9, "cannot tell"),
        (0.0, 1.0, 3, 9, "cannot tell"),
        (0.1, 0.001, 1, 9, "cannot tell"),
        (0.1, 0.001, 3, 2, "cannot tell"),
        (-0.1, 0.001, 3, 1, "cannot tell"),
    ],
)
def test_only_a_small_p_of_several_seeds_and_three_clips_decides(
    difference, adjusted_p, num_seeds, num_clips, verdict
):
    assert decide(difference, adjusted_p, Size(90, num_clips, num_seeds, 1)) == verdict


def test_two_given_networks_need_clips_and_no_seeds():
    given = Size(90, 9, 1, 1, are_trainings=False)
    assert decide(0.1, 0.04, given) == "helps" and decide(-0.1, 0.04, given) == "hurts"
    assert decide(0.1, 0.06, given) == "cannot tell"
    assert decide(0.1, 0.001, Size(90, 2, 1, 1, are_trainings=False)) == "cannot tell"
    assert str(given) == "90 images in 9 clips"


def test_what_is_needed_follows_from_half_widths_that_fall_with_the_root():
    single, three = Size(100, 100, 1, 1), Size(100, 100, 3, 1)
    # to be told 4 times in 5 the half-width has to be 1.96 / 2.8 = 0.7 of the difference: .0441^2 is .0009 of .063
    # images alone: 100 x .0016 / .000441 = 362.8 with .03
    assert find_needed(result(0.03, images=0.04, seeds=0.0), single) == Needed(Amount(363, 363), None, None)
    # with seeds of .01: 100 x .0016 / (.000441 - .0001) = 469.2; seeds cannot mend images of .04;
    # all: (.0016 + .0001) / .000441 = 3.855 times
    needed = find_needed(result(0.03, images=0.04, seeds=0.01), three)
    assert needed == Needed(Amount(470, 470), None, (Amount(386, 386), 12, 12))
    # seeds of .05 limit it: 3 x .0025 / (.000441 - .0001) = 21.99; all: .0026 / .000441 = 5.896 times
    needed = find_needed(result(0.03, images=0.01, seeds=0.05), three)
    assert needed == Needed(None, 22, (Amount(590, 590), 18, 18))
    # neither alone: both .04; together .0032 / .000441 = 7.256 times
    needed = find_needed(result(0.03, images=0.04, seeds=0.04), three)
    assert needed == Needed(None, None, (Amount(726, 726), 22, 22))


def test_images_are_needed_in_whole_clips_of_as_many_as_now():
    # 8 x 3.628 = 29.02 clips, so 30, of 4 images each
    needed = find_needed(result(0.03, images=0.04, seeds=0.0), Size(32, 8, 1, 1))
    assert needed.images == Amount(120, 30)


def test_so_many_clips_as_are_said_to_be_needed_tell_the_difference_four_times_in_five():
    """Means of clips around .03 with a standard deviation of .06, from as many clips as are named for 8 of them."""
    rng = np.random.default_rng(0)
    deviation, half_width = 0.06, 1.96 * 0.06 / 8**0.5
    needed = find_needed(result(0.03, images=half_width, seeds=0.0), Size(32, 8, 1, 1))
    assert needed.images is not None
    clips = rng.normal(0.03, deviation, (4000, needed.images.num_clips))
    told = clips.mean(axis=1) > 1.96 * deviation / needed.images.num_clips**0.5
    assert 0.77 <= told.mean() <= 0.85


def test_of_several_refiners_more_refiners_are_needed_and_a_common_baseline_s_seeds_stay():
    refiners = Size(100, 100, 2, 1, num_refiners=3)
    # the refiners' own part is .0025 - .0001: 3 x .0024 / (.000441 - .0001 - .0001) = 29.88; all: .0026 / .000441 = 5.896
    found = result(0.03, images=0.01, seeds=0.05, common=0.01)
    assert find_needed(found, refiners) == Needed(None, 30, (Amount(590, 590), 18, 12))
    # a baseline of .03 wants more detectors, too; of a single refiner the same seeds are its detectors'
    fixed = result(0.03, images=0.01, seeds=0.05, common=0.03)
    assert find_needed(fixed, refiners) == Needed(None, None, (Amount(590, 590), 18, 12))
    assert find_needed(fixed, Size(100, 100, 3, 1)).num_trainings == 22


def test_nothing_is_promised_for_no_difference_or_beyond_a_thousandfold():
    nothing, size = Needed(None, None, None), Size(9, 9, 3, 1)
    assert find_needed(result(0.0, images=0.0, seeds=0.0), size) == nothing
    assert find_needed(result(0.001, images=0.1, seeds=0.0), size) == nothing


def test_a_size_names_clips_only_where_they_are_fewer_than_images():
    assert str(Size(60, 60, 3, 1)) == "3 seeds, 60 images"
    assert str(Size(60, 1, 1, 1)) == "1 seed, 60 images in 1 clip"
    assert (
        str(Size(60, 20, 2, 1, 3))
        == "3 refiners of different seeds with 2 detectors each, 60 images in 20 clips"
    )

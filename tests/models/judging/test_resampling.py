import time

import numpy as np
import pytest

from models.judging.measures import F1, find_measure
from models.judging.resampling import (
    Draws,
    draw_chances,
    estimate,
    estimate_difference,
    estimate_difference_over,
    estimate_score,
    estimate_score_over,
    estimate_unpaired_difference,
    two_sided_p,
)
from models.judging.sufficient_statistics import class_statistics, detection_statistics


def counts(true, found, boxes):
    return detection_statistics(np.atleast_2d(true), np.atleast_2d(found), np.array(boxes))


def test_clips_are_drawn_whole_and_as_many_as_there_are():
    clips = ["a"] * 4 + ["b"] * 3 + ["c"] * 5 + ["d"]
    draws = draw_chances(clips, num_seeds=3, draws=200, rng=np.random.default_rng(0))
    assert draws is not None
    for clip in "abcd":
        columns = draws.weights[:, [index for index, name in enumerate(clips) if name == clip]]
        assert (columns == columns[:, :1]).all()
    firsts = [clips.index(clip) for clip in "abcd"]
    assert (draws.weights[:, firsts].sum(axis=1) == 4).all()


def test_a_single_image_gives_no_draws_and_a_single_seed_no_shift():
    rng = np.random.default_rng(0)
    assert draw_chances(["a"], num_seeds=3, draws=100, rng=rng) is None
    draws = draw_chances(["a", "b", "c"], num_seeds=1, draws=100, rng=rng)
    assert draws is not None and not draws.seed_shift.any()


def test_seeds_alone_give_students_interval():
    # Images that never matter: three seeds 0.1, 0.2, 0.6 have the mean 0.3 and t(2)'s half-width
    # 4.3027 * sd / sqrt(3), sd = sqrt((0.04 + 0.01 + 0.09) / 2) = 0.26458.
    rng = np.random.default_rng(0)
    draws = Draws(np.ones((400_000, 1)), np.ones(400_000), rng.standard_t(2, 400_000))
    by_seed = np.array([0.1, 0.2, 0.6])
    result = estimate(by_seed, np.tile(by_seed, (400_000, 1)), draws)
    assert result.value == pytest.approx(0.3) and result.image_half_width == 0
    assert result.seed_half_width == pytest.approx(4.3027 * 0.264575 / 3**0.5, rel=0.02)
    # t = 0.3 / (0.264575 / sqrt(3)) = 1.964; two-sided p of t(2) is 1 - t / sqrt(2 + t^2) = 0.1885
    assert result.p_value == pytest.approx(0.1885, abs=0.004)


def test_the_interval_of_a_paired_difference_agrees_with_the_normal_approximation():
    rng = np.random.default_rng(1)
    boxes = np.full(400, 5)
    base = rng.binomial(5, 0.6, 400)
    better = np.minimum(5, base + rng.binomial(1, 0.5, 400))
    draws = draw_chances([str(n) for n in range(400)], num_seeds=1, draws=4000, rng=rng)
    assert draws is not None
    result = estimate_difference(F1, counts(better, boxes, boxes), counts(base, boxes, boxes), draws)
    # found = boxes = 5 everywhere, so F1 is the mean of true / 5 and its difference a plain mean
    gain = (better - base) / 5
    half = 1.96 * gain.std() / 20
    np.testing.assert_allclose(result.interval, (gain.mean() - half, gain.mean() + half), atol=0.004)
    assert result.seed_half_width == 0


def test_pairing_images_takes_their_difficulty_out_of_the_difference():
    rng = np.random.default_rng(2)
    boxes = np.full(300, 6)
    difficulty = rng.uniform(0.1, 0.9, 300)
    base = rng.binomial(6, difficulty)
    better = np.minimum(6, base + rng.binomial(1, 0.3, 300))
    arms = counts(better, boxes, boxes), counts(base, boxes, boxes)
    draws = draw_chances([str(n) for n in range(300)], num_seeds=1, draws=2000, rng=rng)
    assert draws is not None
    paired = estimate_difference(F1, *arms, draws).image_half_width
    alone = np.hypot(*(estimate_score(F1, arm, draws).image_half_width for arm in arms))
    assert paired < 0.5 * alone


def test_p_is_twice_the_smaller_share_beyond_zero_and_never_zero():
    assert two_sided_p(np.array([-1.0, 1, 2, 3])) == pytest.approx(2 * 2 / 5)
    assert two_sided_p(np.ones(99)) == pytest.approx(2 / 100)
    assert two_sided_p(np.zeros(99)) == 1


@pytest.mark.parametrize(
    ("num_seeds", "num_clips", "seed_sd", "clip_sd"),
    [(3, 20, 1.0, 0.1), (3, 12, 0.3, 1.0), (5, 20, 0.0, 1.0)],
)
def test_intervals_hold_the_true_difference_about_95_times_in_100(num_seeds, num_clips, seed_sd, clip_sd):
    """300 experiments with differences of 0 on average, drawn from seeds, clips and both."""
    rng = np.random.default_rng(3)
    clips = [str(n) for n in range(num_clips)]
    held = 0
    for _ in range(300):
        effects = rng.normal(0, seed_sd, (num_seeds, 1)) + rng.normal(0, clip_sd, num_clips)
        by_clip = 0.02 * (effects + rng.normal(0, 0.3, (num_seeds, num_clips)))
        draws = draw_chances(clips, num_seeds=num_seeds, draws=500, rng=rng)
        assert draws is not None
        drawn = draws.weights @ by_clip.T / num_clips
        low, high = estimate(by_clip.mean(axis=1), drawn, draws).interval
        held += low <= 0 <= high
    assert 0.90 <= held / 300 <= 0.99


def test_two_thousand_draws_of_5000_images_take_less_than_a_second_an_arm():
    rng = np.random.default_rng(4)
    boxes = rng.integers(0, 20, 5000)
    found = rng.integers(0, 20, (3, 5000))
    arm = counts(np.minimum(found, boxes), found, boxes)
    started = time.process_time()
    draws = draw_chances([str(n) for n in range(5000)], num_seeds=3, draws=2000, rng=rng)
    assert draws is not None
    estimate_score(F1, arm, draws)
    assert time.process_time() - started < 2


def f1_counts(*hits):
    """Counts of seeds that find so many of 100 boxes, one an image, without false ones."""
    true = np.array([[1] * count + [0] * (100 - count) for count in hits])
    return detection_statistics(true, true, np.ones(100, np.int64))


def test_the_mean_of_each_refiner_is_one_sample():
    draws = draw_chances([str(n) for n in range(100)], num_seeds=3, draws=4000, rng=np.random.default_rng(0))
    groups = [f1_counts(40, 60), f1_counts(50, 50), f1_counts(60, 40)]
    alike = estimate_score_over(F1, [f1_counts(50, 50)] * 3, draws)
    found = estimate_score_over(F1, groups, draws)
    means = [F1.by_seed(statistics).mean() for statistics in groups]
    assert found.value == pytest.approx(np.mean(means))
    # t with 2 degrees: 97.5 % at 4.303
    assert found.seed_half_width == pytest.approx(4.303 * np.std(means, ddof=1) / 3**0.5, rel=0.15)
    assert alike.seed_half_width == 0


def test_the_seeds_of_a_common_baseline_widen_the_difference():
    draws = draw_chances([str(n) for n in range(100)], num_seeds=2, draws=4000, rng=np.random.default_rng(0))
    groups, base = [f1_counts(50, 50), f1_counts(50, 50)], f1_counts(30, 50)
    found = estimate_difference_over(F1, groups, [base], draws)
    f1 = [2 * 30 / 130, 2 * 50 / 150]
    assert found.value == pytest.approx(f1[1] - np.mean(f1))
    # t with 1 degree: 97.5 % at 12.706
    assert found.seed_half_width == pytest.approx(12.706 * np.std(f1, ddof=1) / 2**0.5, rel=0.15)
    turned = estimate_difference_over(F1, [base], groups, draws)
    assert (turned.value, turned.seed_half_width) == pytest.approx(
        (-found.value, found.seed_half_width), rel=0.05
    )


def test_groups_with_baselines_of_their_own_are_paired():
    draws = draw_chances([str(n) for n in range(100)], num_seeds=2, draws=500, rng=np.random.default_rng(0))
    groups = [f1_counts(50, 50), f1_counts(70, 70)]
    found = estimate_difference_over(F1, groups, groups, draws)
    assert (found.value, found.interval) == (0, (0, 0))


def test_unpaired_seeds_add_the_standard_errors_of_both_means():
    # Every image alike, so that only seeds move F1: 2 true of 2 boxes and 2, 3 or 6 found, F1 1, 0.8 and 0.5.
    first = counts([[2, 2], [2, 2], [2, 2]], [[2, 2], [3, 3], [6, 6]], [2, 2])
    second = counts([[2, 2], [2, 2]], [[2, 2], [6, 6]], [2, 2])
    rng = np.random.default_rng(0)
    draws = Draws(np.ones((200_000, 2)), np.ones(200_000), rng.standard_t(2, 200_000))
    result = estimate_unpaired_difference(F1, first, second, draws)
    assert result.value == pytest.approx((1 + 0.8 + 0.5) / 3 - 0.75)
    # Deviations of the seeds: sqrt((0.2333^2 + 0.0333^2 + 0.2667^2) / 2) = 0.25166 and 0.35355
    error = np.hypot(0.25166 / np.sqrt(3), 0.35355 / np.sqrt(2))
    assert result.seed_half_width == pytest.approx(4.3027 * error, rel=0.02)
    assert result.image_half_width == pytest.approx(0, abs=1e-9)


def test_draws_in_which_a_score_is_not_defined_are_left_out():
    draws = Draws(np.ones((4, 2)), np.array([1.0, 1, 1, 5]), np.zeros(4))
    drawn = np.array([[0.4, 0.4], [0.5, 0.5], [0.6, 0.6], [np.nan, 0.9]])
    result = estimate(np.array([0.5, 0.5]), drawn, draws)
    # quantiles of .4, .5, .6
    assert result.interval == pytest.approx((0.405, 0.595))


def test_intervals_of_mean_iou_hold_the_truth_about_95_times_in_100():
    """300 experiments: 24 clips of 2 images whose hits and class shares scatter by clip, one seed.

    The truth is the measure of 20,000 clips.
    """
    rng, measure = np.random.default_rng(5), find_measure("mean_iou")

    def draw(num_clips):
        """Class statistics [1, images, 3C] of 3 classes."""
        shares = rng.dirichlet([8.0, 4.0, 1.5], num_clips)
        hits = rng.beta(12, [4, 6, 8], (num_clips, 3))
        confusion = np.zeros((num_clips, 2, 3, 3))
        for image in range(2):
            for truth in range(3):
                pixels = rng.binomial(400, shares[:, truth])
                right = rng.binomial(pixels, hits[:, truth])
                wrong = rng.binomial(pixels - right, 0.5)
                confusion[:, image, truth, truth] = right
                confusion[:, image, truth, (truth + 1) % 3] = wrong
                confusion[:, image, truth, (truth + 2) % 3] = pixels - right - wrong
        return class_statistics(confusion).reshape(1, 2 * num_clips, 9)

    truth = measure.by_seed(draw(20_000))[0]
    clips = [str(number // 2) for number in range(48)]
    held = 0
    for _ in range(300):
        chances = draw_chances(clips, num_seeds=1, draws=500, rng=rng)
        assert chances is not None
        low, high = estimate_score(measure, draw(24), chances).interval
        held += low <= truth <= high
    assert 0.91 <= held / 300 <= 0.98

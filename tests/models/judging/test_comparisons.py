import json

import numpy as np
import pytest

from models.judging.comparisons import Evidence, judge, read_judgement, score_interval
from models.judging.resampling import Counts

RNG = np.random.default_rng(0)
CLIPS = [str(number) for number in range(200)]
BASE = RNG.binomial(4, 0.5, (3, 200))
BETTER = np.minimum(4, BASE + RNG.binomial(1, 0.6, (3, 200)))


def counts(true):
    true = np.atleast_2d(true)
    return Counts(true, np.full(true.shape, 4), np.full(true.shape[1], 4))


def evidence(found, base, *, clips=CLIPS, arm="S"):
    """Of true detections [seeds, images], or a list of these for refiners."""
    sides = [item if isinstance(item, list) else [item] for item in (found, base)]
    return Evidence(arm, "R_train", *([counts(true) for true in side] for side in sides), clips)


def test_a_single_image_gives_no_interval_and_no_verdict():
    (item,) = judge([Evidence("S", "R", [counts([4])], [counts([1])], ["a"])])
    assert (item.interval, item.p_value, item.verdict, item.needed) == (None, None, "cannot tell", None)
    # 2 x 4 / (4 + 4) and 2 x 1 / (4 + 4)
    assert item.difference == pytest.approx(1 - 0.25)
    assert score_interval([counts([4])], ["a"]) is None


def test_arms_are_judged_together_and_equal_ones_cannot_be_told():
    same, gain = judge([evidence(BASE, BASE), evidence(BETTER, BASE)])
    assert (same.difference, same.interval, same.verdict) == (0.0, (0.0, 0.0), "cannot tell")
    assert gain.verdict == "helps" and gain.interval[0] > 0
    assert gain.p_value == 2 * gain.unadjusted_p and gain.size.num_comparisons == 2
    (hurt,) = judge([evidence(BASE, BETTER)])
    assert hurt.verdict == "hurts" and hurt.difference == pytest.approx(-gain.difference)


@pytest.mark.parametrize(("num_clips", "verdict"), [(1, "cannot tell"), (2, "cannot tell"), (4, "helps")])
def test_one_or_two_clips_decide_nothing(num_clips, verdict):
    clips = [str(number % num_clips) for number in range(200)]
    (item,) = judge([evidence(BETTER, BASE, clips=clips)])
    assert item.interval[0] > 0 and item.p_value <= 0.05
    assert (item.verdict, item.size.num_clips) == (verdict, num_clips)


def test_clips_that_differ_by_chance_are_not_taken_for_a_difference_of_the_arms():
    """Of 60 experiments in which arms differ by the clip alone, and by nothing on average."""
    rng = np.random.default_rng(1)
    told = dict.fromkeys((1, 2, 3, 8), 0)
    for num_clips in told:
        clips = [str(number) for number in range(num_clips) for _ in range(30)]
        for _ in range(60):
            effect = np.repeat(rng.normal(0, 0.08, num_clips), 30)
            sides = [rng.binomial(4, np.clip(0.6 + sign * effect, 0, 1), (3, len(clips))) for sign in (1, -1)]
            (item,) = judge([evidence(*sides, clips=clips)])
            told[num_clips] += item.verdict != "cannot tell"
    assert told[1] == told[2] == 0 and max(told.values()) <= 6


def test_more_refiners_are_asked_for_where_their_seeds_move_f1():
    rng = np.random.default_rng(2)

    def found(share, seeds=3):
        return rng.binomial(4, share, (seeds, 200))

    groups = [found(share) for share in (0.45, 0.50, 0.55, 0.60, 0.65)]
    alike = np.full((3, 200), 2)
    (item,) = judge([evidence(groups, alike)])
    assert (item.size.num_refiners, item.size.num_seeds, item.verdict) == (5, 3, "cannot tell")
    # t(2) of the fewer seeds: 4.303 x 0.079 / sqrt(5) = 0.152 is to become 0.05 x 0.7: about 19 times as many refiners
    assert item.needed.num_trainings == pytest.approx(5 * 19, rel=0.25)
    # a baseline whose own detectors differ that much: no number of refiners mends that
    apart = np.concatenate([found(share, 1) for share in (0.2, 0.5, 0.85)])
    (item,) = judge([evidence(groups, apart)])
    assert item.needed.num_trainings is None


def test_a_judgement_comes_back_from_json():
    (item,) = judge([evidence(BETTER, BASE)])
    assert read_judgement(json.loads(json.dumps(item.record()))) == item
    (single,) = judge([Evidence("S", "R", [counts([4])], [counts([1])], ["a"])])
    assert read_judgement(json.loads(json.dumps(single.record()))) == single
    rng = np.random.default_rng(3)
    close = rng.binomial(4, 0.5, (3, 200))
    (unsure,) = judge([evidence(close, BASE)])
    assert unsure.needed is not None and read_judgement(json.loads(json.dumps(unsure.record()))) == unsure


def test_the_same_detections_are_one_comparison():
    assert evidence(BASE, BETTER).digest() == evidence(BASE, BETTER).digest()
    others = (evidence(BETTER, BASE), evidence(BASE, BETTER, arm="S+"))
    assert evidence(BASE, BETTER).digest() not in [item.digest() for item in others]

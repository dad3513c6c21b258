import json
from pathlib import Path

import numpy as np
import pytest

from models.judging.comparisons import Evidence, judge, read_judgement, score_interval
from models.judging.measures import F1, find_measure
from models.judging.sufficient_statistics import class_statistics, detection_statistics, value_statistics

KEPT = json.loads(Path(__file__).with_name("kept_judgements.json").read_text())

RNG = np.random.default_rng(0)
CLIPS = [str(number) for number in range(200)]
BASE = RNG.binomial(4, 0.5, (3, 200))
BETTER = np.minimum(4, BASE + RNG.binomial(1, 0.6, (3, 200)))


def counts(true):
    true = np.atleast_2d(true)
    return detection_statistics(true, np.full(true.shape, 4), np.full(true.shape[1], 4))


def evidence(found, base, *, clips=CLIPS, arm="S"):
    """Of true detections [seeds, images], or a list of these for refiners."""
    sides = [item if isinstance(item, list) else [item] for item in (found, base)]
    return Evidence(arm, "R_train", *([counts(true) for true in side] for side in sides), clips, F1)


def test_a_single_image_gives_no_interval_and_no_verdict():
    (item,) = judge([Evidence("S", "R", [counts([4])], [counts([1])], ["a"], F1)])
    assert (item.interval, item.p_value, item.verdict, item.needed) == (None, None, "cannot tell", None)
    # 2 x 4 / (4 + 4) and 2 x 1 / (4 + 4)
    assert item.difference == pytest.approx(1 - 0.25)
    assert score_interval(F1, [counts([4])], ["a"]) is None


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
    (single,) = judge([Evidence("S", "R", [counts([4])], [counts([1])], ["a"], F1)])
    assert read_judgement(json.loads(json.dumps(single.record()))) == single
    rng = np.random.default_rng(3)
    close = rng.binomial(4, 0.5, (3, 200))
    (unsure,) = judge([evidence(close, BASE)])
    assert unsure.needed is not None and read_judgement(json.loads(json.dumps(unsure.record()))) == unsure


def test_the_same_detections_are_one_comparison():
    assert evidence(BASE, BETTER).digest() == evidence(BASE, BETTER).digest()
    others = (evidence(BETTER, BASE), evidence(BASE, BETTER, arm="S+"))
    assert evidence(BASE, BETTER).digest() not in [item.digest() for item in others]


def kept_sides(case):
    return [
        [
            detection_statistics(
                np.array(item["num_true"]), np.array(item["num_found"]), np.array(case["num_boxes"])
            )
            for item in case[side]
        ]
        for side in ("arm", "baseline")
    ]


def kept_evidence(case):
    return Evidence(case["name"], "baseline", *kept_sides(case), case["clips"], F1, case["is_paired"])


def assert_equal(found, expected):
    """Of records of judgements: words and whole numbers the same, others to 1e-12."""
    if isinstance(expected, dict):
        assert set(found) == set(expected)
        for name, value in expected.items():
            assert_equal(found[name], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for item, value in zip(found, expected, strict=True):
            assert_equal(item, value)
    else:
        assert found == (pytest.approx(expected, rel=0, abs=1e-12) if type(expected) is float else expected)


def without_measure(item):
    record = json.loads(json.dumps(item.record()))
    assert record.pop("measure") == {"name": "f1", "title": "F1"}
    return record


@pytest.mark.parametrize("case", KEPT["cases"], ids=lambda case: case["name"])
def test_people_s_figures_are_those_from_before_other_measures_were_known(case):
    """kept_judgements.json was written by the code that knew F1 alone."""
    sides = kept_sides(case)
    assert_equal([[F1.by_seed(item).tolist() for item in side] for side in sides], case["scores"])
    interval = score_interval(F1, sides[0], case["clips"])
    assert_equal(interval if interval is None else list(interval), case["interval"])
    assert_equal(without_measure(judge([kept_evidence(case)])[0]), case["judged_alone"])


def test_people_s_figures_after_holm_s_correction_are_those_from_before():
    found = judge([kept_evidence(case) for case in KEPT["cases"]])
    assert_equal([without_measure(item) for item in found], KEPT["judged_together"])


def test_a_record_without_a_measure_is_of_f1():
    assert read_judgement(KEPT["judged_together"][0]).measure == F1


def test_a_difference_may_be_more_than_one_and_is_not_cut_there():
    # F1 1 and 0 of the baseline's two seeds, 0 and 1 of the arm's: t with 1 degree reaches far beyond
    base = np.array([[4] * 12, [0] * 12])
    (item,) = judge([evidence(base[::-1], base, clips=CLIPS[:12])])
    assert item.difference == 0 and item.interval[0] < -10 and item.interval[1] > 10
    low, high = score_interval(F1, [counts(base)], CLIPS[:12])
    assert (low, high) == (0, 1)  # of F1 itself, whatever the seeds do
    refiners = [counts(np.zeros((2, 12), int)), counts(np.full((2, 12), 4))]
    assert score_interval(F1, refiners, CLIPS[:12]) == (0, 1)


def test_where_smaller_is_better_less_helps():
    rng = np.random.default_rng(4)
    errors = rng.uniform(8, 12, (3, 40))
    sides = [[value_statistics(errors - 3)], [value_statistics(errors)]]
    (helps,) = judge([Evidence("S", "R", *sides, CLIPS[:40], find_measure("mean_error"))])
    assert helps.difference == pytest.approx(-3) and helps.interval[1] < -2.9 and helps.verdict == "helps"
    (hurts,) = judge([Evidence("S", "R", *sides, CLIPS[:40], find_measure("psnr"))])
    assert (hurts.difference, hurts.verdict) == (helps.difference, "hurts")
    assert read_judgement(json.loads(json.dumps(helps.record()))) == helps


def test_other_measures_of_the_same_statistics_are_other_comparisons():
    sides = [[value_statistics(np.array([[1.0, 2.0]]))]] * 2
    found = [Evidence("S", "R", *sides, "ab", find_measure(name)).digest() for name in ("fid", "kid", "fid")]
    assert found[0] == found[2] != found[1]


def one_class(shown_in, right):
    """Class statistics [3 seeds, 9 images] of classes 0 and 1, of which 1 is in the images `shown_in`."""
    confusion = np.zeros((3, 9, 2, 2))
    confusion[:, :, 0, 0] = 50
    confusion[:, shown_in, 1, 1], confusion[:, shown_in, 1, 0] = right, 20 - right
    return class_statistics(confusion)


def test_only_clips_that_show_a_class_count_as_evidence_about_it():
    clips = [f"clip {number // 3}" for number in range(9)]
    measure = find_measure("class_iou:1")
    right = np.array([[10], [11], [12]])
    for shown_in, num_clips, verdict in (([0, 1], 1, "cannot tell"), ([0, 1, 4, 8], 3, "helps")):
        sides = [[one_class(shown_in, right + more)] for more in (6, 0)]
        (item,) = judge([Evidence("S", "R", *sides, clips, measure)])
        # right / 20, for nothing else was taken for the class
        assert item.difference == pytest.approx(6 / 20)
        assert (item.size.num_images, item.size.num_clips) == (len(shown_in), num_clips)
        assert item.verdict == verdict
        # one clip gives the same IoU however often it is drawn: no interval, rather than one without a width
        is_alone = num_clips == 1
        assert (item.interval is None) == is_alone == (score_interval(measure, sides[0], clips) is None)


def test_a_class_that_no_image_shows_cannot_be_judged():
    nothing = one_class([], np.zeros((3, 1)))
    with pytest.raises(ValueError, match="IoU of class 1 of S has no finite value on these 9 images"):
        judge([Evidence("S", "R", [nothing], [nothing], CLIPS[:9], find_measure("class_iou:1"))])

import numpy as np
import pytest

from models.judging.comparisons import Evidence, judge
from models.judging.measures import F1
from tasks.sweeping.contrasts import evidence_of, judge_different, score_interval
from tasks.sweeping.points import group_section
from tests.tasks.sweeping.made_up_points import make_point

RECALLS = {"R_train": [0.5, 0.5, 0.5], "S": [0.5, 0.5, 0.5], "R_train + S+": [0.8, 0.8, 0.8]}


def judged_of(*wanted):
    found = judge_different(wanted)
    return [found[item.digest()] for item in wanted]


def test_one_point_is_judged_as_its_own_run_does():
    (group,) = group_section([make_point("a", {}, RECALLS)], "a")
    (item,) = judged_of(evidence_of(group, "R_train + S+", "R_train"))
    sides = [[group.points[0].counted.arms[arm]] for arm in ("R_train + S+", "R_train")]
    assert [item] == judge([Evidence("R_train + S+", "R_train", *sides, group.clips, F1)])
    assert item.verdict == "helps"
    assert (item.size.num_images, item.size.num_clips, item.size.num_seeds) == (60, 20, 3)


def test_equal_comparisons_count_once_in_the_correction():
    groups = group_section([make_point("a", {"x": str(n)}, RECALLS) for n in range(3)], "a")
    assert len(groups) == 3
    found = judge_different(evidence_of(group, "R_train + S+", "R_train") for group in groups)
    assert [item.size.num_comparisons for item in found.values()] == [1]
    more = judged_of(
        evidence_of(groups[0], "R_train + S+", "R_train"), evidence_of(groups[0], "S", "R_train")
    )
    assert [item.size.num_comparisons for item in more] == [2, 2]
    assert more[0].p_value == pytest.approx(2 * next(iter(found.values())).p_value)


def test_refiners_of_several_seeds_are_one_group_whose_spread_widens_the_interval():
    alike = [make_point("a", {"training.refiner_seed": str(n)}, RECALLS, refiner_seed=n) for n in range(3)]
    (group,) = group_section(alike, "a")
    assert group.name == "" and len(group.statistics("R_train + S+")) == 1  # the same detections thrice
    unlike = [
        make_point(
            "a",
            {"training.refiner_seed": str(n)},
            RECALLS | {"R_train + S+": [0.6 + 0.15 * n] * 3},
            refiner_seed=n,
        )
        for n in range(3)
    ]
    (spread,) = group_section(unlike, "a")
    assert (len(spread.statistics("R_train + S+")), len(spread.statistics("R_train"))) == (3, 1)
    narrow, wide = (np.ptp(score_interval(item, "R_train + S+")) for item in (group, spread))
    assert wide > 3 * narrow
    (item,) = judged_of(evidence_of(spread, "R_train + S+", "R_train"))
    assert item.size.num_refiners == 3 and item.verdict == "cannot tell"
    assert str(item.size) == "3 refiners of different seeds with 3 detectors each, 60 images in 20 clips"

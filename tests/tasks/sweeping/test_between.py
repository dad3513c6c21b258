"""Points against the first one: made-up detectors, and segmentations that nobody trained."""

import dataclasses

import numpy as np

from models.judging.comparisons import Evidence, judge
from models.judging.measures import F1
from tasks.sweeping.between import compare_points, say_between, table_between
from tasks.sweeping.contrasts import judge_different
from tasks.sweeping.points import NOTHING_FOUND, Point, PointConfig, group_section
from tasks.sweeping.sections.kinds import describe_grid, describe_sections
from tests.tasks.scoring.made_up_segmentation import count_segmentation, evaluate_segmentation
from tests.tasks.sweeping.made_up_points import failed_point, make_point

GOOD, BAD = {"S": [0.8] * 3}, {"S": [0.5] * 3}


def compared(*points):
    between = compare_points(group_section(points, "a"))
    judged = judge_different(between.wanted)
    return between, [judged[item.digest()] for item in between.wanted]


def segmented(name, share, *, pairs=(), sections=()):
    """A point whose arms got this share of pixels right; plain training is the same at every point."""
    counted = count_segmentation({"plain": 0.5, "cycle": share})
    summary = NOTHING_FOUND | {
        "steps": 10,
        "figures": {},
        "notes": ["few sequences"],
        "evaluation": evaluate_segmentation(counted, pairs=pairs),
        "statistics": counted.record(),
    }
    values = {"arms.cycle": name}
    return Point(PointConfig(values=values, sections=dict.fromkeys(sections, values)), summary)


def test_every_point_is_compared_with_the_first_seed_by_seed_on_the_same_images():
    points = [make_point("a", {"x": str(n)}, recalls, seed=n) for n, recalls in enumerate((BAD, GOOD, BAD))]
    between, judged = compared(*points)
    sides = [[point.counted.arms["S"]] for point in points]
    clips = points[0].counted.clips
    # Images are sorted by their names, which moves whole clips of the draws.
    order = np.argsort(points[0].counted.images, kind="stable")
    expected = judge(
        [
            Evidence(
                f"x {n}",
                "x 0",
                [sides[n][0][:, order]],
                [sides[0][0][:, order]],
                tuple(clips[index] for index in order),
                F1,
            )
            for n in (1, 2)
        ]
    )
    assert judged == expected and between.first == "x 0" and between.notes == ()
    assert [item.verdict for item in judged] == ["helps", "cannot tell"]
    assert table_between(between, judged).rows[0][0] == "x 1 against x 0"
    assert say_between(judged)[0].startswith("x 1 beats x 0 by 0.")


def test_of_several_arms_those_that_found_the_same_are_left_out():
    between, judged = compared_segmentations(("none", 0.5), ("noise", 0.9))
    (item,) = judged
    assert (item.arm, item.baseline) == ("cycle noise", "cycle none")
    assert item.measure.name == "mean_iou" and item.verdict == "helps" and between.notes == ()


def compared_segmentations(*named):
    points = [segmented(name, share, sections=("a",)) for name, share in named]
    return compared(*points)


def test_points_on_other_images_are_not_compared_and_that_is_said():
    first, second = make_point("a", {"x": "0"}, BAD), make_point("a", {"x": "1"}, GOOD)
    assert second.summary is not None
    second.summary["statistics"]["truths"] = ["moved"] * 2 + [""] * 58
    between, judged = compared(first, second)
    assert judged == []
    assert between.notes == (
        "x 1 is not compared with x 0: of x 0's 60 and x 1's 60 test images 58 are the same (name, clip and annotations), "
        "and other images may be easier.",
    )


def test_refiners_are_compared_by_the_seeds_that_both_have():
    def points(name, seeds, recalls):
        return [
            make_point(
                "a",
                {"x": name, "training.refiner_seed": str(seed)},
                recalls,
                seed=10 * seed + int(name),
                refiner_seed=seed,
            )
            for seed in seeds
        ]

    _, (item,) = compared(*points("0", (0, 1, 2), BAD), *points("1", (1, 2, 3), GOOD))
    assert item.size.num_refiners == 2
    between, judged = compared(*points("0", (0, 1), BAD), *points("1", (2, 3), GOOD))
    assert (
        judged == []
        and "x 1 is not compared with x 0: their refiners have no seed in common." in between.notes
    )


def test_what_failed_or_has_no_scores_is_passed_over():
    points = [
        failed_point("a", {"x": "0"}, "no"),
        make_point("a", {"x": "1"}, {}),
        make_point("a", {"x": "2"}, BAD),
    ]
    between, judged = compared(*points)
    assert (between.wanted, between.notes, judged) == ((), (), [])


def test_a_grid_says_what_differs_between_its_points_and_a_section_its_own_pairs_too():
    pairs = (("cycle", "plain"),)
    points = [segmented(name, share, pairs=pairs) for name, share in (("none", 0.5), ("noise", 0.9))]
    grid = describe_grid(points)
    assert len(grid.between) == len(grid.tables) == 1
    assert grid.lead[0].startswith("cycle noise beats cycle none by")
    named = [
        segmented(name, share, pairs=pairs, sections=("noises",))
        for name, share in (("none", 0.5), ("noise", 0.9))
    ]
    (section,) = describe_sections(named, {"noises": "Noise"})
    assert section.between[0].size.num_comparisons == 3  # with the two of the points' own runs
    assert section.between[0].unadjusted_p == grid.between[0].unadjusted_p
    assert [table.caption for table in section.tables[1:]] == ["cycle none", "cycle noise"]
    assert section.tables[2].rows[1][-1] == "helps"


def test_of_many_comparisons_those_are_said_that_are_told():
    item = compared_segmentations(("none", 0.5), ("noise", 0.9))[1][0]
    unsure = dataclasses.replace(item, verdict="cannot tell")
    assert len(say_between([item, *[unsure] * 5])) == 6
    said = say_between([item, *[unsure] * 6])
    assert len(said) == 2 and said[1] == "Of 6 other comparisons with the first point nothing can be told."


def test_an_arm_with_two_baselines_has_a_row_for_each():
    pairs = (("cycle", "plain"), ("cycle", "weighted"))
    counted = count_segmentation({"plain": 0.4, "weighted": 0.6, "cycle": 0.8})
    summary = NOTHING_FOUND | {
        "steps": 10,
        "figures": {},
        "evaluation": evaluate_segmentation(counted, pairs=pairs),
        "statistics": counted.record(),
    }
    point = Point(PointConfig(values={}, sections={"a": {}}), summary)
    (section,) = describe_sections([point], {"a": "A"})
    rows = section.tables[0].rows
    assert [row[0] for row in rows] == ["plain", "weighted", "cycle", "cycle"]
    assert [row[-4] for row in rows] == ["–", "–", "plain", "weighted"] and rows[3][1] == ""
    assert len(section.lead) == 2

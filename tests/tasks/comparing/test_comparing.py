"""Two runs of hand-made detections: one true box an image, so that every figure can be counted."""

import json

import numpy as np
import pytest

from models.judging.comparisons import NUM_DRAWS
from models.judging.measures import F1
from models.judging.resampling import draw_chances, estimate_difference, estimate_unpaired_difference
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.comparing.runs import find_finished_run
from tasks.comparing.side_by_side import compare_runs
from tests.tasks.comparing.made_up_runs import add_run, write_record
from tests.tasks.scoring.made_up_segmentation import count_segmentation, evaluate_segmentation

HALF, ALL = ("t", "t", "", ""), ("t", "t", "t", "t")
MIXED = ("t", "ff", "t", "t")  # 3 true of 5 found, 4 boxes: F1 6 / 9
MANY = "abcdefghijklmnopqrstuvwx"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def compared(store, first="one-1", second="two-1"):
    return compare_runs(find_finished_run(store, first), find_finished_run(store, second))


def test_scores_stand_arm_by_arm_and_only_common_arms_are_compared(store):
    add_run(store, "one-1", {"R_train": [HALF], "S": [ALL]})
    add_run(store, "two-1", {"R_train": [MIXED], "S+": [ALL]})
    found = compared(store)
    assert [(item.arm, item.run) for item in found.scores] == [
        ("R_train", "A"),
        ("R_train", "B"),
        ("S", "A"),
        ("S+", "B"),
    ]
    first, second = found.scores[:2]
    assert first.values == pytest.approx({"precision": 1.0, "recall": 0.5, "f1": 2 / 3})
    assert second.values == pytest.approx({"precision": 0.6, "recall": 0.75, "f1": 2 / 3})
    assert list(first.record()) == ["run", "arm", "precision", "recall", "f1", "interval", "num_seeds"]
    (difference,) = found.differences
    assert difference.arm == "R_train" and difference.judged.difference == pytest.approx(0)
    assert difference.judged.verdict == "cannot tell"


def test_a_difference_has_interval_p_and_verdict_of_the_paired_estimate(store):
    half = tuple("t" if number % 2 else "" for number in range(len(MANY)))
    most = tuple("" if number % 8 == 0 else "t" for number in range(len(MANY)))
    add_run(store, "one-1", {"R_train": [half] * 3, "S": [half] * 3, "S+": [most] * 3}, names=MANY)
    add_run(store, "two-1", {"R_train": [most] * 3, "S": [half] * 3, "S+": [half] * 3}, names=MANY)
    found = compared(store)
    gain, same, loss = (item.judged for item in found.differences)
    # 12 of 24 found: F1 24 / 36; 21 of 24 found: 42 / 45
    assert gain.difference == pytest.approx(42 / 45 - 24 / 36) and gain.verdict == "helps"
    assert loss.difference == pytest.approx(24 / 36 - 42 / 45) and loss.verdict == "hurts"
    assert same is None
    draws = draw_chances(list(MANY), num_seeds=3, draws=NUM_DRAWS, rng=np.random.default_rng(0))
    sides = (run.counted.arms["R_train"] for run in (found.second, found.first))
    expected = estimate_difference(F1, *sides, draws)
    assert gain.interval == expected.interval
    # Holm: two arms are tested, the third is the same
    assert gain.p_value == pytest.approx(2 * expected.p_value) and gain.size.num_comparisons == 2
    first, second, _ = (item.sentence() for item in found.differences)
    assert first.startswith("B's R_train beats A's R_train by 0.267 F1 [")
    assert first.endswith(f", 3 seeds, 24 images (p = {2 * expected.p_value:.2g}).")
    assert second == "S: A and B found the same in every image."
    record = found.record()["differences"]
    assert [(item["arm"], item["is_same"]) for item in record] == [
        ("R_train", False),
        ("S", True),
        ("S+", False),
    ]
    assert (record[0]["baseline"], record[1]["difference"]) == ("A's R_train", 0.0)


def test_one_seed_concludes_nothing_and_says_so(store):
    half = tuple("t" if number % 2 else "" for number in range(len(MANY)))
    add_run(store, "one-1", {"R_train": [half]}, names=MANY)
    add_run(store, "two-1", {"R_train": [("t",) * len(MANY)]}, names=MANY)
    (item,) = compared(store).differences
    assert item.judged.verdict == "cannot tell" and item.judged.interval[0] > 0
    assert (
        "cannot tell with 1 seed, 24 images: with one seed the interval covers the images only"
        in item.sentence()
    )


def test_trainings_of_other_seeds_are_not_paired(store):
    arms = {"R_train": [HALF, ALL, MIXED]}
    add_run(store, "one-1", arms, seeds=(0, 1, 2))
    add_run(store, "two-1", {"R_train": [MIXED, ALL, ALL, ALL]}, seeds=(3, 4, 5, 6))
    found = compared(store)
    (item,) = found.differences
    draws = draw_chances(list("abcd"), num_seeds=3, draws=NUM_DRAWS, rng=np.random.default_rng(0))
    sides = (run.counted.arms["R_train"] for run in (found.second, found.first))
    assert item.judged.interval == estimate_unpaired_difference(F1, *sides, draws).interval
    # F1 of B: 2/3, 1, 1, 1; of A: 2/3, 1, 2/3
    assert item.judged.difference == pytest.approx(11 / 12 - 7 / 9) and item.judged.size.num_seeds == 3


def test_the_same_images_in_another_order_are_the_same(store):
    add_run(store, "one-1", {"R_train": [("t", "t", "", "")]}, names="abcd")
    add_run(store, "two-1", {"R_train": [("", "", "t", "t")]}, names="dcba")
    found = compared(store)
    assert found.unjudged is None and found.differences[0].judged is None


def test_other_test_images_or_another_iou_are_shown_but_not_judged(store):
    add_run(store, "one-1", {"R_train": [HALF]}, names="abcd")
    add_run(store, "two-1", {"R_train": [ALL]}, names="cdef")
    add_run(store, "three-1", {"R_train": [ALL]}, names="abcd", iou=0.75)
    found = compared(store)
    assert found.differences == [] and len(found.scores) == 2
    assert "of A's 4 and B's 4 test images 2 are the same" in found.unjudged
    other = compared(store, "one-1", "three-1")
    assert other.differences == [] and other.unjudged.endswith(
        "A is scored by F1 at IoU 0.5, B by F1 at IoU 0.75"
    )


def test_a_single_test_image_has_no_interval(store):
    add_run(store, "one-1", {"R_train": [("t",)]}, names="a")
    add_run(store, "two-1", {"R_train": [("f",)]}, names="a")
    (item,) = compared(store).differences
    assert (item.judged.difference, item.judged.interval, item.judged.p_value) == (-1.0, None, None)
    assert "a single test image gives no interval" in item.sentence()


def test_seconds_are_those_of_each_run_s_artifacts_by_kind(store):
    first = add_run(store, "one-1", {"R_train": [HALF]})
    second = add_run(store, "two-1", {"R_train": [ALL]})
    found = compared(store)
    taken = {item.kind: (item.first, item.second) for item in found.seconds}
    expected = [store.manifest(ref.key).seconds for ref in (first, second)]
    assert taken["evaluation"] == tuple(expected)
    assert taken["detection-set"][0] == taken["detection-set"][1] > 0  # one artifact, which both use


def add_segmentation(store, run_id, counted):
    """A finished run whose evaluation scores mIoU, without detections or boxes."""

    def build(out):
        (out / "evaluation.json").write_text(json.dumps(evaluate_segmentation(counted)))
        (out / "statistics.json").write_text(json.dumps(counted.record()))

    evaluation = store.obtain(Recipe("evaluation", {"run": run_id}, {}, (), ()), build).ref
    artifacts = [{"kind": "evaluation", "key": evaluation.key, "seconds": 0.0}]
    record = {"run": run_id, "status": "completed", "started": 1.0, "config": {}, "artifacts": artifacts}
    write_record(store, run_id, record)


def test_runs_are_compared_by_the_measure_that_their_evaluations_name(store):
    add_segmentation(store, "one-1", count_segmentation({"self-trained": 0.5, "labelled": 0.6}))
    add_segmentation(store, "two-1", count_segmentation({"self-trained": 0.5, "labelled": 0.8}))
    add_run(store, "people-1", {"R_train": [HALF]})
    found = compared(store)
    first, second = (item.values["mean_iou"] for item in found.scores[2:])
    same, gain = (item.sentence() for item in found.differences)
    assert gain.startswith(f"B's labelled beats A's labelled by {second - first:.3f} mIoU [0.")
    assert same == "self-trained: A and B found the same in every image."
    other = compared(store, "one-1", "people-1")
    assert other.unjudged is not None and other.unjudged.endswith("A is scored by mIoU, B by F1 at IoU 0.5")
    assert other.record()["runs"]["A"]["measure"] == {"name": "mean_iou", "title": "mIoU"}

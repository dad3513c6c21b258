import itertools

import numpy as np
import pytest

from models.augmentation.config import IGNORE_LABEL
from models.judging.measures import find_measure
from models.judging.sufficient_statistics import class_statistics
from models.segmentation.evaluation import confusion_by_distance, confusion_matrices, figures


def draw_maps(*, num_classes: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, num_classes, (3, 9, 11), dtype=np.uint8)
    found = np.where(
        rng.random(true.shape) < 0.6, true, rng.integers(0, num_classes, true.shape, dtype=np.uint8)
    )
    true[:, :2, :3] = IGNORE_LABEL
    return true, found


def count_pixel_by_pixel(true: np.ndarray, found: np.ndarray, num_classes: int) -> np.ndarray:
    counts = np.zeros((len(true), num_classes, num_classes), int)
    for index in np.ndindex(true.shape):
        if true[index] != IGNORE_LABEL:
            counts[index[0], true[index], found[index]] += 1
    return counts


def test_matrices_count_every_known_pixel_of_every_map():
    true, found = draw_maps()
    expected = count_pixel_by_pixel(true, found, 4)
    np.testing.assert_array_equal(confusion_matrices(true, found, num_classes=4), expected)
    assert expected.sum() == 3 * (99 - 6)


def test_255_classes_are_counted_too():
    true, found = np.array([[[253, 254]]], np.uint8), np.array([[[254, 254]]], np.uint8)
    matrices = confusion_matrices(true, found, num_classes=255)
    assert matrices.shape == (1, 255, 255)
    assert matrices[0, 253, 254] == matrices[0, 254, 254] == 1 == matrices.sum() - 1


def test_distances_part_the_pixels_and_nothing_else():
    true, found = draw_maps()
    depth = np.random.default_rng(1).uniform(0, 60, true.shape).astype(np.float32)
    depth[0, 5] = np.nan
    depth[1, 5] = np.inf
    edges = (5.0, 20.0, 40.0, np.inf)
    matrices = confusion_by_distance(true, found, depth, edges=edges, num_classes=4)
    for number, (near, far) in enumerate(itertools.pairwise(edges)):
        is_in = (depth >= near) & ((depth < far) | ((far == np.inf) & (depth == np.inf)))
        expected = count_pixel_by_pixel(np.where(is_in, true, IGNORE_LABEL).astype(np.uint8), found, 4)
        np.testing.assert_array_equal(matrices[:, number], expected)
    assert matrices[:, 2].sum() > 0


def test_a_depth_of_an_edge_is_in_the_farther_bin_and_of_the_last_edge_in_the_last():
    labels = np.zeros((1, 1, 4), np.uint8)
    depth = np.array([[[1.0, 2.0, 3.0, 3.5]]])
    counted = confusion_by_distance(labels, labels, depth, edges=(1, 2, 3), num_classes=1)
    assert counted[0, :, 0, 0].tolist() == [1, 2]


# Rows are true classes. Class 3 is neither annotated nor predicted; class 2 is predicted alone.
CONFUSION = np.array([[[4, 1, 0, 0], [2, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]])


def test_figures_are_those_by_hand_with_absent_classes_left_out():
    found = figures(CONFUSION)
    ious = [4 / 7, 2 / 6, 0.0]
    np.testing.assert_allclose(found.ious_c, [*ious, np.nan])
    assert found.pixel_accuracy == pytest.approx(6 / 10)
    assert found.class_accuracy == pytest.approx((4 / 5 + 2 / 5) / 2)
    assert found.mean_iou == pytest.approx(sum(ious) / 3)
    assert found.frequency_weighted_iou == pytest.approx(0.5 * ious[0] + 0.5 * ious[1])
    assert found.mean_iou_of_all == pytest.approx(sum(ious) / 4)  # the seed's equation, which divides by all


def test_void_counts_as_a_class_or_not_at_all():
    # The last class is void: 20 classes beside 19. A true void pixel goes, a pixel that was taken for void is wrong.
    confusion = np.array([[[8, 0, 2], [0, 5, 0], [3, 0, 4]]])
    every, known = figures(confusion), figures(confusion, ignored=(2,))
    np.testing.assert_allclose(every.ious_c, [8 / 13, 1, 4 / 9])
    np.testing.assert_allclose(known.ious_c, [8 / 10, 1])
    assert known.pixel_accuracy == pytest.approx(13 / 15)


def test_figures_are_the_measures_of_judging_over_all_images():
    true, found = draw_maps()
    matrices = confusion_matrices(true, found, num_classes=4)
    statistics = class_statistics(matrices)[None]
    assert figures(matrices).mean_iou == find_measure("mean_iou").by_seed(statistics)[0]
    by_hand = []
    for label in range(4):
        is_true, is_found = (true == label), (found == label) & (true != IGNORE_LABEL)
        by_hand.append((is_true & is_found).sum() / (is_true | is_found).sum())
    assert figures(matrices).mean_iou == pytest.approx(np.mean(by_hand), rel=1e-12)


def test_where_nothing_is_annotated_there_are_no_figures():
    found = figures(np.zeros((1, 2, 2), int))
    assert np.isnan([found.pixel_accuracy, found.mean_iou, found.frequency_weighted_iou]).all()


@pytest.mark.parametrize(
    ("true", "found", "message"),
    [
        ([[[0, 7]]], [[[0, 0]]], r"A true label of map 0 is 7, but labels must be in 0\.\.2 or 255"),
        ([[[0, 0]], [[0, 0]]], [[[0, 0]], [[0, 3]]], r"A predicted label of map 1 is 3, .* in 0\.\.2\.$"),
        ([[[0, 0]]], [[[0, 255]]], "A predicted label of map 0 is 255"),
        ([[[0, 0]]], [[[0]]], r"one shape .* but had \[1, 1, 2\] and \[1, 1, 1\]"),
    ],
)
def test_labels_of_no_class_are_refused_with_their_map(true, found, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrices(np.array(true, np.uint8), np.array(found, np.uint8), num_classes=3)


def test_maps_of_other_types_are_refused():
    labels = np.zeros((1, 2, 2), np.int64)
    with pytest.raises(ValueError, match="Label maps must be uint8, but were int64 and int64"):
        confusion_matrices(labels, labels, num_classes=3)

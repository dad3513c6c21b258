import math

import numpy as np
import pytest
import torch

from models.detection.data import Annotation
from models.detection.networks.anchors import anchor_grid, cluster_sizes
from models.detection.networks.squeezedet import Dropout, SqueezeDet, decode_boxes, safe_exp
from models.detection.networks.targets import assign_anchors, build_targets, encode_boxes
from models.training.randomness import seeded_torch


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("num_classes", "parameters"), [(3, 2_082_120), (1, 1_957_686)])
def test_the_network_has_the_published_number_of_parameters(num_classes, parameters):
    assert count(SqueezeDet(num_classes=num_classes, anchors_per_cell=9)) == parameters


def test_squeezedet_plus_has_its_published_number_of_parameters():
    assert count(SqueezeDet(num_classes=3, anchors_per_cell=9, is_plus=True)) == 7_021_640


@pytest.mark.parametrize("is_plus", [False, True])
def test_the_grid_is_a_sixteenth_of_the_image(is_plus):
    network = SqueezeDet(num_classes=1, anchors_per_cell=9, is_plus=is_plus)
    assert network.grid_hw((336, 448)) == (21, 28)
    assert network(torch.zeros(1, 3, 336, 448)).shape == (1, 21 * 28 * 9, 6)


def test_batch_norm_stands_behind_every_convolution_but_the_detecting_one():
    network = SqueezeDet(num_classes=1, anchors_per_cell=9).add_batch_norm()
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert len(norms) == 1 + 10 * 3
    assert network(torch.zeros(2, 3, 96, 128)).shape == (2, 6 * 8 * 9, 6)


def test_safe_exp_is_continuous_and_grows_only_linearly_above_1():
    values = safe_exp(torch.tensor([0.0, 1.0, 1.0 + 1e-6, 3.0]))
    assert values.tolist() == pytest.approx([1, math.e, math.e, 3 * math.e], rel=1e-5)


def test_a_box_is_decoded_from_its_anchor():
    # anchor at (50, 40) of 20 x 10; dx .5 moves by 10, dh = ln 2 doubles the height
    anchors = torch.tensor([[50.0, 40.0, 20.0, 10.0]])
    deltas = torch.tensor([[0.5, 0.0, 0.0, math.log(2)]])
    assert decode_boxes(deltas, anchors, image_hw=(96, 128))[0].tolist() == pytest.approx([50, 30, 70, 50])


def test_decoded_boxes_are_clipped_to_the_image():
    anchors = torch.tensor([[120.0, 5.0, 40.0, 40.0]])
    assert decode_boxes(torch.zeros(1, 4), anchors, image_hw=(96, 128))[0].tolist() == [100, 0, 128, 25]


def test_encoding_inverts_decoding_also_for_large_boxes():
    anchors = np.array([[50, 40, 10, 10], [50, 40, 10, 10]], np.float32)
    boxes = np.array([[46, 30, 58, 44], [10, 20, 90, 60]], np.float32)
    deltas = torch.from_numpy(encode_boxes(boxes, anchors))
    decoded = decode_boxes(deltas, torch.from_numpy(anchors), image_hw=(96, 128))
    np.testing.assert_allclose(decoded.numpy(), boxes, rtol=1e-5)


def test_anchors_stand_at_the_middle_of_their_cells():
    grid = anchor_grid(np.array([[10.0, 20.0]]), grid_hw=(2, 4), image_hw=(100, 200))
    assert grid[:5].tolist() == [
        [25, 25, 10, 20],
        [75, 25, 10, 20],
        [125, 25, 10, 20],
        [175, 25, 10, 20],
        [25, 75, 10, 20],
    ]


def test_clusters_find_the_sizes_that_the_boxes_have():
    rng = np.random.default_rng(0)
    true_sizes = np.array([[10.0, 20.0], [30.0, 30.0], [80.0, 40.0]])
    boxes = np.repeat(true_sizes, 50, axis=0) * rng.uniform(0.9, 1.1, (150, 2))
    np.testing.assert_allclose(cluster_sizes(boxes, count=3, rng=rng), true_sizes, rtol=0.05)


def test_fewer_sizes_than_anchors_still_give_all_anchors():
    sizes = cluster_sizes(np.array([[10.0, 20.0]]), count=9, rng=np.random.default_rng(0))
    assert sizes.shape == (9, 2)
    assert np.isfinite(sizes).all()
    assert len(np.unique(sizes[:, 0])) == 9


def test_two_boxes_at_one_place_get_two_anchors_and_the_best_goes_to_the_first():
    anchors = anchor_grid(np.array([[10.0, 10.0], [12.0, 12.0]]), grid_hw=(1, 2), image_hw=(16, 32))
    box = np.array([3, 3, 13, 13], np.float32)
    assert assign_anchors(np.stack((box, box)), anchors).tolist() == [0, 1]


def test_a_box_that_no_anchor_overlaps_gets_the_nearest():
    anchors = anchor_grid(np.array([[4.0, 4.0]]), grid_hw=(1, 2), image_hw=(32, 64))
    assert assign_anchors(np.array([[60, 28, 64, 32]], np.float32), anchors).tolist() == [1]


def negatives(boxes: list, ignored: list, *, largest_negative_iou: float) -> list[bool]:
    """Which of five anchors of 10 x 10 px in a row, 8 px apart, count as background."""
    anchors = anchor_grid(np.array([[10.0, 10.0]]), grid_hw=(1, 5), image_hw=(16, 40))
    regions = [np.array(rows, np.float32).reshape(-1, 4) for rows in (boxes, ignored)]
    targets = build_targets(
        [Annotation(regions[0], np.zeros(len(boxes), np.int64), regions[1])],
        anchors_cxcywh=anchors,
        largest_negative_iou=largest_negative_iou,
        device=torch.device("cpu"),
    )
    return targets.is_negative[0].tolist()


def test_anchors_in_an_ignored_region_are_neither_positive_nor_negative():
    found = negatives([[-1, 3, 9, 13]], [[22, 0, 50, 16]], largest_negative_iou=1.0)
    assert found == [False, True, True, False, False]


def test_an_anchor_that_resembles_a_box_of_another_anchor_is_not_called_empty():
    # the box is the first anchor's; the second, [7, 3, 17, 13], has IoU 60 / 140 with it
    assert negatives([[3, 3, 13, 13]], [], largest_negative_iou=0.4) == [False, False, True, True, True]
    assert negatives([[3, 3, 13, 13]], [], largest_negative_iou=0.5) == [False, True, True, True, True]


def test_dropout_keeps_its_share_of_values_and_their_mean_and_leaves_evaluation_alone():
    maps = torch.ones(4, 50, 20, 25, dtype=torch.bfloat16).to(memory_format=torch.channels_last)
    dropout = Dropout(0.75)
    with seeded_torch(np.random.default_rng(0), torch.device("cpu")):
        dropped = dropout(maps)
    assert dropped.dtype == torch.bfloat16
    assert dropped.unique().tolist() == [0, 4]
    # 100,000 draws: a standard deviation of the share is 0.0014
    assert dropped.float().mean().item() == pytest.approx(1, abs=0.03)
    # every image and every channel by itself
    assert (dropped != 0).float().mean(dim=(1, 2, 3)).std() > 0
    assert (dropped != 0).float().mean(dim=(0, 2, 3)).std() > 0
    assert torch.equal(dropout.eval()(maps), maps)

import numpy as np
import torch
from torchvision.models.detection.image_list import ImageList

from models.detection.networks.level_anchors import LevelAnchors, cluster_level_sizes


def test_every_level_learns_from_the_boxes_as_large_as_its_cells():
    boxes_wh = np.repeat(np.array([[10.0, 10.0], [40.0, 40.0]]), 20, axis=0)
    rng = np.random.default_rng(0)
    sizes = cluster_level_sizes(boxes_wh, strides_px=(8, 16, 64, 128), count=1, rng=rng)
    assert sizes.tolist() == [[[25, 25]], [[40, 40]], [[80, 80]], [[160, 160]]]


def test_anchors_come_level_by_level_row_by_row_and_stand_in_the_middle_of_their_cells():
    anchors = LevelAnchors(levels=2, count=2)
    anchors.sizes_wh = np.array([[[4.0, 6.0], [8.0, 8.0]], [[20.0, 20.0], [30.0, 10.0]]])
    images = ImageList(torch.zeros(2, 3, 40, 80), [(40, 80)] * 2)
    found = anchors(images, [torch.zeros(2, 7, 2, 2), torch.zeros(2, 7, 1, 1)])
    assert anchors.num_anchors_per_location() == [2, 2]
    assert len(found) == 2
    assert found[0].tolist() == [
        [18, 7, 22, 13],
        [16, 6, 24, 14],
        [58, 7, 62, 13],
        [56, 6, 64, 14],
        [18, 27, 22, 33],
        [16, 26, 24, 34],
        [58, 27, 62, 33],
        [56, 26, 64, 34],
        [30, 10, 50, 30],
        [25, 15, 55, 25],
    ]

"""Pseudo-labels by a network whose probabilities are written into the pixels."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.segmentation.applying import Segmenter
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.segmentation.pseudo_labels import class_thresholds, pseudo_label

CONFIG = SegmentationConfig(num_classes=2, precision="fp32", device="cpu", normalisation="symmetric")


class Written(nn.Module):
    """Class 0 has the probability that the red of a pixel says, 0..255 for 0..1."""

    def forward(self, images_bchw: Tensor) -> Tensor:
        share = ((images_bchw[:, 0] + 1) / 2).clamp(1e-6, 1 - 1e-6)
        return torch.stack((share.log(), (1 - share).log()), dim=1)


def label(red, **settings):
    """Of images of one row; `red` is a list of images."""
    images = np.zeros((len(red), 1, len(red[0]), 3), np.uint8)
    images[:, 0, :, 0] = red
    segmenter = Segmenter(CONFIG, Written(), torch.device("cpu"), (32, 32))
    return np.concatenate(list(pseudo_label(segmenter, images, **settings)))[:, 0].tolist()


def test_the_surest_half_of_each_class_is_kept_over_the_whole_set():
    """Class 0 has probabilities of .98, .96, .94, .93; class 1 of .99 and .92."""
    red = [[250, 245, 20], [240, 237, 3]]
    assert label(red, least_confidence=0.9, kept_share=0.5) == [[0, 0, 255], [255, 255, 1]]


def test_what_is_not_sure_enough_is_left_out_though_it_is_the_surest_of_its_class():
    assert label([[250, 100, 60]], least_confidence=0.9, kept_share=0.5) == [[0, 255, 255]]


def test_the_order_and_size_of_batches_change_nothing():
    red = [[250, 245, 20], [240, 237, 3], [130, 5, 255]]
    assert label(red, batch_size=1) == label(red, batch_size=2) == label(red)


def test_thresholds_are_counted_from_the_surest_down():
    counts = np.array([[0, 4, 0, 2, 2], [0, 0, 0, 0, 0], [3, 1, 0, 0, 0]])
    assert class_thresholds(counts, kept_share=0.5).tolist() == [3, 0, 0]
    assert class_thresholds(counts, kept_share=0.25).tolist() == [4, 0, 1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"least_confidence": 1.1}, "least_confidence must be in 0..1, but was 1.1"),
        ({"kept_share": 0}, "kept_share must be above 0"),
    ],
)
def test_shares_beyond_their_range_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        label([[1]], **settings)


def test_levels_have_no_pseudo_labels():
    levels = replace(CONFIG, losses=SegmentationLosses(pixel="binary"))
    segmenter = Segmenter(levels, Written(), torch.device("cpu"), (32, 32))
    with pytest.raises(ValueError, match="need classes"):
        next(pseudo_label(segmenter, np.zeros((1, 1, 1, 3), np.uint8)))

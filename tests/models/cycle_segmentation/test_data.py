from dataclasses import replace

import numpy as np
import pytest
import torch

from models.augmentation.config import IGNORE_LABEL, GeometricConfig
from models.cycle_segmentation.data import CycleSets, batch_drawer, check_sets
from models.segmentation.config import SegmentationAugmentation
from models.segmentation.data import SegmentationSet
from tests.models.cycle_segmentation.toy_cycles import TINY, draw_sets, with_cycle
from tests.models.segmentation.toy_street import CLASSES, HEIGHT_PX, WIDTH_PX, draw_set

CROPPED = replace(
    TINY,
    augmentation=SegmentationAugmentation(geometric=GeometricConfig(crop_hw=(32, 32)), photometric=None),
)
UNPAIRED = {"images_only": draw_set(7, seed=2).images_nhwc, "labels_only": draw_set(9, seed=3).labels_nhw}


def readable_set(count: int, *, seed: int) -> SegmentationSet:
    """Images from which their labels can be read: red is 60 times the label, green the image's number."""
    labels = np.random.default_rng(seed).integers(0, CLASSES, (count, HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
    numbers = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None], labels.shape)
    return SegmentationSet(np.stack((labels * np.uint8(60), numbers, labels), -1), labels)


def pixels(images_bchw: torch.Tensor) -> torch.Tensor:
    return ((images_bchw + 1) * 127.5).round().long()


def test_images_come_with_their_own_labels_in_minus_1_to_1():
    sets = CycleSets(readable_set(12, seed=0), draw_set(5, seed=1))
    draw = batch_drawer(CROPPED, sets, seed=3)
    for number in range(6):
        batch = draw(number)
        assert batch.images_bchw.shape == (2, 3, 32, 32) and batch.labels_bhw.shape == (2, 32, 32)
        assert batch.num_paired == 2 and batch.labels_bhw.dtype == torch.int64
        assert torch.equal(pixels(batch.images_bchw)[:, 0], 60 * batch.labels_bhw)
        assert batch.images_bchw.min() == -1


def test_every_paired_image_is_drawn_once_an_epoch_and_a_batch_depends_on_its_number_alone():
    sets = CycleSets(readable_set(12, seed=0), draw_set(5, seed=1))
    draw = batch_drawer(TINY, sets, seed=3)
    seen = torch.cat([pixels(draw(number).images_bchw)[:, 1, 0, 0] for number in range(6)])
    assert sorted(seen.tolist()) == list(range(12))
    again = batch_drawer(TINY, sets, seed=3)(4)
    assert torch.equal(again.images_bchw, draw(4).images_bchw)
    assert torch.equal(again.pool_plan, draw(4).pool_plan)
    assert not torch.equal(batch_drawer(TINY, sets, seed=4)(4).images_bchw, again.images_bchw)


def test_images_and_label_maps_alone_are_added_to_the_pairs_and_change_nothing_in_them():
    config = with_cycle(unpaired_batch_size=3)
    pairs = batch_drawer(config, draw_sets(), seed=3)(5)
    for names, images, labels in (
        (["images_only"], 5, 2),
        (["labels_only"], 2, 5),
        (["images_only", "labels_only"], 5, 5),
    ):
        sets = draw_sets(**{name: UNPAIRED[name] for name in names})
        batch = batch_drawer(config, sets, seed=3)(5)
        assert (len(batch.images_bchw), len(batch.labels_bhw), batch.num_paired) == (images, labels, 2)
        assert torch.equal(batch.images_bchw[:2], pairs.images_bchw)
        assert torch.equal(batch.labels_bhw[:2], pairs.labels_bhw)
        assert len(batch.pool_plan) == labels


def test_what_has_no_partner_is_drawn_in_an_order_of_its_own_and_wholly():
    numbers = np.arange(8, dtype=np.uint8)[:, None, None]
    images = np.broadcast_to(numbers[..., None], (8, HEIGHT_PX, WIDTH_PX, 3))
    labels = np.broadcast_to(numbers % CLASSES, (8, HEIGHT_PX, WIDTH_PX))
    config = with_cycle(unpaired_batch_size=4)
    sets = CycleSets(readable_set(8, seed=0), draw_set(5, seed=1), images_only=images, labels_only=labels)
    draw = batch_drawer(config, sets, seed=3)
    batches = [draw(number) for number in range(4)]
    alone = [each for batch in batches[:2] for each in pixels(batch.images_bchw)[2:, 1, 0, 0].tolist()]
    paired = [each for batch in batches for each in pixels(batch.images_bchw)[:2, 1, 0, 0].tolist()]
    maps = [each for batch in batches[:2] for each in batch.labels_bhw[2:, 0, 0].tolist()]
    assert sorted(alone) == sorted(paired) == list(range(8))
    assert sorted(maps) == [0, 0, 0, 1, 1, 1, 2, 2]
    assert alone != paired and [each % CLASSES for each in alone] != maps


def test_the_pool_fills_image_by_image_and_every_process_has_its_own():
    config = with_cycle(replace(TINY, processes=2, batch_size=2), pool_images=5)
    draw = batch_drawer(config, draw_sets(), seed=3)
    # batches 0 and 1 are the first of two processes, 2 and 3 their second
    plans = [draw(number).pool_plan.tolist() for number in range(4)]
    assert plans == [[[0, 0], [1, 0]]] * 2 + [[[2, 0], [3, 0]]] * 2
    full = [place for number in range(6, 40) for place in draw(number).pool_plan.tolist()]
    assert {returns for _, returns in full} == {0, 1}
    assert {place for place, returns in full if returns} == set(range(5))
    assert {place for place, returns in full if not returns} == {5}


def test_alone_a_segmenter_gets_the_same_pairs():
    alone = batch_drawer(replace(TINY, cycle=None), draw_sets(), seed=3)(2)
    cycle = batch_drawer(TINY, draw_sets(), seed=3)(2)
    assert torch.equal(alone.images_bchw, cycle.images_bchw)
    assert torch.equal(alone.labels_bhw, cycle.labels_bhw)


def test_pixels_of_the_paired_classes_are_counted():
    sets = CycleSets(draw_set(3, seed=0), draw_set(2, seed=1), labels_only=UNPAIRED["labels_only"])
    known = sets.paired.labels_nhw[sets.paired.labels_nhw != IGNORE_LABEL]
    assert check_sets(TINY, sets).tolist() == np.bincount(known, minlength=CLASSES).tolist()


@pytest.mark.parametrize(
    ("config", "more", "message"),
    [
        (
            replace(TINY, cycle=None),
            {"images_only": UNPAIRED["images_only"]},
            "but cycle is null; leave them out",
        ),
        (
            TINY,
            {"images_only": UNPAIRED["images_only"][:, :16]},
            "images_only are 48 x 16 px, but the paired",
        ),
        (
            TINY,
            {"labels_only": UNPAIRED["labels_only"] + np.uint8(1)},
            "The labels of labels_only image 0 must be",
        ),
        (
            TINY,
            {"labels_only": UNPAIRED["labels_only"].astype(int)},
            "The labels_only label maps must be uint8",
        ),
        (
            replace(
                TINY,
                augmentation=replace(TINY.augmentation, geometric=GeometricConfig(crop_hw=(16, 32))),
            ),
            {},
            "are 32 x 16 px, but 32 px a side is the least",
        ),
    ],
)
def test_sets_that_cannot_be_trained_on_are_refused(config, more, message):
    with pytest.raises(ValueError, match=message):
        check_sets(config, draw_sets(**more))


def test_unpaired_images_of_another_size_are_taken_where_there_is_a_crop():
    sets = draw_sets(images_only=np.zeros((2, 40, 64, 3), np.uint8))
    batch = batch_drawer(CROPPED, sets, seed=0)(0)
    check_sets(CROPPED, sets)
    assert batch.images_bchw.shape == (2 + 4, 3, 32, 32)

from dataclasses import replace

import numpy as np
import torch

from models.detection import training
from models.detection.config import AugmentationConfig
from models.detection.data import Annotation
from models.detection.mosaic import draw_windows, join_annotations, join_images, mix_batch
from tests.models.detection.test_detector_training import TINY, TRAIN

WINDOWS = ((0, 0, 30, 20), (30, 0, 80, 20), (0, 20, 30, 60), (30, 20, 80, 60))


def annotation(boxes: list, ignored: list = (), label: int = 0) -> Annotation:
    arrays = [np.array(rows, np.float32).reshape(-1, 4) for rows in (boxes, ignored)]
    return Annotation(arrays[0], np.full(len(boxes), label), arrays[1])


def test_windows_meet_in_one_point_and_cover_the_image_once():
    rng = np.random.default_rng(0)
    for _ in range(20):
        seen = np.zeros((60, 80), int)
        for left, top, right, bottom in draw_windows((60, 80), rng):
            seen[top:bottom, left:right] += 1
        assert (seen == 1).all()


def test_every_window_shows_its_own_image():
    images = [torch.full((3, 60, 80), value, dtype=torch.uint8) for value in (1, 2, 3, 4)]
    joined = join_images(images, WINDOWS)
    assert [joined[0, y, x].item() for y, x in ((19, 29), (19, 30), (20, 29), (20, 30))] == [1, 2, 3, 4]
    assert images[0].unique().tolist() == [1]


def test_boxes_are_cut_at_their_window_and_those_that_mostly_left_it_are_ignored():
    # of the first, 10 x 10 px, 5 columns are seen; of the second 3; the third is seen through another window
    first = annotation([[25, 0, 35, 10], [27, 5, 37, 15], [40, 5, 50, 15]], [[0, 10, 20, 40]], label=2)
    joined = join_annotations(
        [first, annotation([]), annotation([]), annotation([[40, 30, 50, 50]])], WINDOWS
    )
    assert joined.boxes_xyxy.tolist() == [[25, 0, 30, 10], [40, 30, 50, 50]]
    assert joined.labels.tolist() == [2, 0]
    assert joined.ignore_xyxy.tolist() == [[0, 10, 20, 20], [27, 5, 30, 15]]


def test_probability_0_mixes_nothing_and_1_every_image():
    images = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 60, 80)
    annotations = [annotation([[1, 1, 9, 9]], label=index) for index in range(4)]
    same, kept = mix_batch(images, annotations, probability=0.0, rng=np.random.default_rng(0))
    mixed, _ = mix_batch(images, annotations, probability=1.0, rng=np.random.default_rng(0))
    assert torch.equal(same, images)
    assert kept == annotations
    assert all(image.unique().numel() == 4 for image in mixed), "no image is in a mosaic twice"
    assert [image[0, 0, 0].item() for image in mixed] == [0, 1, 2, 3], (
        "the first window shows the image itself"
    )


def test_mosaics_enter_the_batches_of_a_training_and_leave_its_other_draws_alone(monkeypatch):
    monkeypatch.setattr(training, "draw_light", lambda config, rng, count: rng.random())
    monkeypatch.setattr(training, "change_light", lambda images, light: (images, light))
    drawn = {}
    for probability in (0.0, 1.0):
        augmentation = AugmentationConfig(mosaic_probability=probability)
        config = replace(TINY, batch_size=4, augmentation=augmentation)
        detector, _ = training.start_detector(config, TRAIN, seed=0)
        drawn[probability] = training.draw_batch(detector, TRAIN, seed=0, step=0)[0]
    assert not torch.equal(drawn[0.0][0], drawn[1.0][0])
    assert drawn[0.0][1] == drawn[1.0][1]

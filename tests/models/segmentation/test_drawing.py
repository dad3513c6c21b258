"""Batches of annotated images and of images whose labels are guesses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.augmentation.config import IGNORE_LABEL, GeometricConfig
from models.segmentation.config import SamplingConfig, SegmentationAugmentation, SegmentationConfig
from models.segmentation.data import SegmentationSet, Splits
from models.segmentation.drawing import draw_batch, draw_mixed_batch, mix_classes
from models.segmentation.sampling import find_rare_classes
from models.segmentation.training import segmentation_task, train_segmenter
from models.training.supervised import Hooks
from tests.models.segmentation.toy_street import draw_set

CONFIG = SegmentationConfig(
    batch_size=4,
    num_classes=3,
    width=0.25,
    steps=4,
    eval_every_steps=2,
    checkpoint_every_steps=2,
    precision="fp32",
    device="cpu",
    augmentation=SegmentationAugmentation(geometric=GeometricConfig(), photometric=None),
)


def of_one_level(level, count=6, *, label=0):
    """Images of one grey, so that a batch says where each is from."""
    images = np.full((count, 16, 16, 3), level, np.uint8)
    return SegmentationSet(images, np.full((count, 16, 16), label, np.uint8))


def test_half_of_a_batch_has_pseudo_labels_and_the_annotated_images_come_first():
    splits = Splits(of_one_level(255), of_one_level(255), guessed=of_one_level(0, label=1))
    images, labels = draw_mixed_batch(CONFIG, splits, seed=0, number=0)
    assert images[:, 0, 0, 0].tolist() == [1, 1, 0, 0] and labels[:, 0, 0].tolist() == [0, 0, 1, 1]
    fewer = replace(CONFIG, sampling=SamplingConfig(guessed_share=0.25))
    images, _ = draw_mixed_batch(fewer, splits, seed=0, number=0)
    assert images[:, 0, 0, 0].tolist() == [1, 1, 1, 0]


def test_without_guesses_a_batch_is_what_it_was():
    data = draw_set(6, seed=0)
    plain, mixed = (
        draw_batch(CONFIG, data, seed=2, number=3),
        draw_mixed_batch(CONFIG, Splits(data, data), seed=2, number=3),
    )
    assert torch.equal(plain[0], mixed[0]) and torch.equal(plain[1], mixed[1])


def test_a_class_is_pasted_with_its_pixels_and_nothing_else_changes():
    known_labels = torch.tensor([[[0, 0, 1, IGNORE_LABEL]]])
    known = torch.full((1, 3, 1, 4), 9, dtype=torch.uint8)
    others, guesses = torch.zeros((2, 3, 1, 4), dtype=torch.uint8), torch.full((2, 1, 4), 2)
    images, labels = mix_classes((known, known_labels), (others, guesses), np.random.default_rng(0))
    for image, label in zip(images, labels, strict=True):
        pasted = image[0, 0] == 9
        assert pasted.tolist() in ([True, True, False, False], [False, False, True, False])
        expected = torch.where(pasted, known_labels[0, 0], torch.tensor(2))
        assert torch.equal(label[0], expected)
    assert (others == 0).all() and (guesses == 2).all(), "what was handed over stays as it was"


def test_mixing_reaches_a_batch_and_only_its_guessed_part():
    splits = Splits(of_one_level(255), of_one_level(255), guessed=of_one_level(0, label=1))
    mixed = replace(CONFIG, sampling=SamplingConfig(mixing="classes"))
    images, labels = draw_mixed_batch(mixed, splits, seed=0, number=0)
    assert (images == 1).all() and (labels == 0).all(), "the only class of annotated images covers all"


def test_images_of_rare_classes_are_drawn_as_asked():
    data = draw_set(6, seed=0)
    data.labels_nhw[:5] = 0
    rare = find_rare_classes(data.labels_nhw, num_classes=3, temperature=0.01)
    images, _ = draw_batch(CONFIG, data, seed=0, number=0, rare=rare)
    assert torch.equal(images[0], images[1]) and torch.equal(images[0], images[3])
    task = segmentation_task(
        replace(CONFIG, sampling=SamplingConfig(images="rare_classes")), Splits(data, data), seed=0
    )
    assert torch.equal(task.draw(0)[0], images)


def test_a_training_with_guesses_resumes_bit_for_bit():
    config = replace(CONFIG, sampling=SamplingConfig(images="rare_classes", mixing="classes"))
    splits = Splits(draw_set(6, seed=0), draw_set(3, seed=1), guessed=draw_set(5, seed=2))
    saved = []
    whole = train_segmenter(config, splits, seed=1, resume=None, hooks=Hooks(save=saved.append))
    again = train_segmenter(config, splits, seed=1, resume=saved[0], hooks=Hooks())
    for name, weights in whole["best"]["network"].items():
        assert torch.equal(weights, again["best"]["network"][name]), name
    alone = train_segmenter(config, replace(splits, guessed=None), seed=1, resume=None, hooks=Hooks())
    assert any(
        not torch.equal(weights, alone["best"]["network"][name])
        for name, weights in whole["best"]["network"].items()
    )


def test_guesses_of_another_size_are_refused_unless_crops_make_them_alike():
    splits = Splits(draw_set(4, seed=0), draw_set(2, seed=1), guessed=of_one_level(0))
    with pytest.raises(ValueError, match="Pseudo-labelled images are 16 x 16 px and training images 48 x 32"):
        segmentation_task(CONFIG, splits, seed=0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": "often"}, "sampling.images must be one of uniform, rare_classes"),
        ({"mixing": "all"}, "sampling.mixing must be one of none, classes"),
        ({"temperature": 0}, "sampling.temperature must be > 0"),
        ({"guessed_share": 1}, "sampling.guessed_share must be at least 0 and below 1"),
    ],
)
def test_settings_out_of_range_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        SamplingConfig(**changes)

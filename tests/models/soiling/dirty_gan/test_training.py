from dataclasses import replace

import numpy as np
import pytest

from models.soiling.dirty_gan.applying import load_dirty_gan, soil_images
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.data import DirtySets, DirtySplits
from models.soiling.dirty_gan.training import dirty_gan_task, train_dirty_gan
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.supervised import Hooks
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from tests.models.soiling.toy_soiling import TINY_GAN, draw_masks, draw_photos, draw_splits, random_opacity

SPLITS = draw_splits()


def train(config=TINY_GAN, *, splits=SPLITS, opacity=None, seed=5, resume=None, saved=None) -> dict:
    hooks = Hooks(save=([] if saved is None else saved).append)
    opacity = random_opacity() if opacity is None else opacity
    return train_dirty_gan(config, splits, opacity, seed=seed, resume=resume, hooks=hooks)


def file_of(state: dict, path) -> bytes:
    save_checkpoint(path, state)
    return path.read_bytes()


@pytest.mark.parametrize(
    "config", [TINY_GAN, replace(TINY_GAN, mask_input="dot", ema_decay=0.8)], ids=["concat", "dot"]
)
def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path, config):
    saved: list[dict] = []
    rest_saved: list[dict] = []
    whole = train(config, saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    half = load_checkpoint(tmp_path / "half.pt", kind="dirty_gan")
    assert half["step"] == 3
    rest = train(config, resume=half, saved=rest_saved)
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")
    assert file_of(rest_saved[-1], tmp_path / "rest.pt") == file_of(saved[-1], tmp_path / "whole.pt")


def test_a_training_beside_another_segmenter_is_not_resumed():
    saved: list[dict] = []
    short = replace(TINY_GAN, steps=3)
    train(short, saved=saved)
    with pytest.raises(ValueError, match=r"trained with segmenter_sha256"):
        train(short, opacity=random_opacity(seed=1), resume=saved[0])


def test_the_last_weights_are_kept_and_soil_images():
    state = train()
    assert state["best"]["step"] == 6
    evaluations = [entry for entry in state["history"] if "val_mask" in entry]
    assert [entry["step"] for entry in evaluations] == [3, 6]
    for name in ("mask", "found_iou", "clean_cycle", "soiled_cycle"):
        assert all(np.isfinite(entry[f"val_{name}"]) for entry in evaluations), name
    gan = load_dirty_gan(state, device="cpu", precision="fp32")
    photos, masks = draw_photos(2, seed=9), draw_masks(2, seed=9)
    assert (soil_images(gan, photos, masks) != photos).any()


def test_a_batch_is_of_its_number_alone_and_its_masks_are_drawn_apart_from_its_images():
    task = dirty_gan_task(TINY_GAN, SPLITS, random_opacity(), seed=0)
    first, again, other = (task.draw(number) for number in (1, 1, 2))
    for name in ("clean_bchw", "masks_b1hw", "soiled_bchw", "soiled_masks_b1hw", "soiled_plan", "clean_plan"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    assert not np.array_equal(first.clean_bchw, other.clean_bchw)
    assert first.clean_bchw.shape == first.soiled_bchw.shape == (2, 3, 32, 40)
    assert first.masks_b1hw.shape == first.soiled_masks_b1hw.shape == (2, 1, 32, 40)
    assert not first.soiled_masks_b1hw.requires_grad


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"soiled_nhwc": np.zeros((2, 32, 44, 3), np.uint8)},
            r"clean and soiled training images must have one size",
        ),
        ({"clean_nhwc": np.zeros((2, 30, 40, 3), np.uint8)}, r"must be multiples of 4"),
        ({"masks_kst": np.zeros((2, 8, 8), np.float32)}, r"None of the 2 training masks has any soiling"),
    ],
)
def test_sets_that_cannot_be_learned_from_are_refused(changes, message):
    train_sets = replace(SPLITS.train, **changes)
    with pytest.raises(ValueError, match=message):
        train(splits=DirtySplits(train_sets, SPLITS.val))


def test_training_and_validation_have_one_size():
    small = DirtySets(
        *(each[:, :, :36] for each in (SPLITS.val.clean_nhwc, SPLITS.val.soiled_nhwc)), SPLITS.val.masks_kst
    )
    with pytest.raises(ValueError, match=r"Training and validation images must have one size"):
        train(splits=DirtySplits(SPLITS.train, small))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mask_input": "add"}, r"mask_input must be one of concat, dot, but was 'add'"),
        ({"generator": GeneratorConfig(has_skip=True)}, r"generator.has_skip adds the input to the output"),
        ({"discriminator": DiscriminatorConfig(scales=(1, 2))}, r"discriminator.scales must be \[1\]"),
        ({"early_stop_after": 3}, r"early_stop_after is 3, but no figure"),
        ({"flip_probability": 1.5}, r"flip_probability must be in 0..1, but was 1.5"),
    ],
)
def test_settings_that_mean_nothing_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        DirtyGanConfig(**fields)


def test_newer_weights_are_preferred_whatever_their_figure():
    choice = dirty_gan_task(TINY_GAN, SPLITS, random_opacity(), seed=0).choice
    assert choice.prefers(0.9, 0.1) and choice.prefers(0.1, 0.9)

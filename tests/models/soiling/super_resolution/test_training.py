from dataclasses import replace

import numpy as np
import pytest
import torch

from models.soiling.super_resolution.applying import enlarge, load_enlarger, reduce
from models.soiling.super_resolution.config import SuperResolutionConfig
from models.soiling.super_resolution.training import (
    CleanSets,
    draw_batch,
    super_resolution_task,
    train_super_resolution,
)
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.supervised import Hooks

TINY = SuperResolutionConfig(
    filters=8,
    blocks=2,
    crop_px=32,
    steps=6,
    batch_size=2,
    warmup_steps=2,
    precision="fp32",
    device="cpu",
    report_every_steps=2,
    eval_every_steps=3,
    checkpoint_every_steps=3,
)


def draw_walls(count: int, *, seed: int) -> np.ndarray:
    """uint8 [n, 40, 48, 3]: upright edges, sharp and at any pixel, which interpolation blurs."""
    rng = np.random.default_rng(seed)
    images = np.empty((count, 40, 48, 3), np.uint8)
    for image in images:
        column = 0
        while column < 48:
            width = int(rng.integers(6, 14))
            image[:, column : column + width] = rng.integers(0, 256)
            column += width
    return images


SETS = CleanSets(draw_walls(8, seed=0), draw_walls(3, seed=1))


def train(config=TINY, *, sets=SETS, resume=None, saved=None) -> dict:
    hooks = Hooks(save=([] if saved is None else saved).append)
    return train_super_resolution(config, sets, seed=5, resume=resume, hooks=hooks)


def file_of(state: dict, path) -> bytes:
    save_checkpoint(path, state)
    return path.read_bytes()


def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path):
    saved: list[dict] = []
    whole = train(saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    half = load_checkpoint(tmp_path / "half.pt", kind="super_resolution")
    assert half["step"] == 3
    rest = train(resume=half)
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")


def test_it_learns_to_be_sharper_than_interpolation():
    config = replace(
        TINY, steps=400, learning_rate=2e-3, filters=12, batch_size=4, eval_every_steps=400, warmup_steps=20
    )
    best = train(config, sets=CleanSets(draw_walls(40, seed=0), SETS.val_nhwc))["best"]
    assert best["gain_db"] > 0.4
    assert best["gain_db"] == pytest.approx(best["psnr_db"] - best["bicubic_psnr_db"])


def test_crops_are_whole_pixels_of_the_images():
    batch = draw_batch(TINY, SETS.train_nhwc, seed=0, number=3)
    assert batch.shape == (2, 3, 32, 32)
    colours = set(np.unique(SETS.train_nhwc))
    assert set(((batch + 1) * 127.5).round().to(torch.uint8).unique().tolist()) <= colours


def test_the_loss_is_the_mean_absolute_difference_from_what_was_reduced():
    task = super_resolution_task(TINY, SETS, seed=0)
    batch = torch.full((1, 3, 32, 32), 0.25)
    with torch.no_grad():
        assert task.losses(task.network, batch)["pixel"].item() == pytest.approx(0.0, abs=1e-6)
        task.network.get_submodule("output").bias.fill_(0.5)
        assert task.losses(task.network, batch)["pixel"].item() == pytest.approx(0.5, abs=1e-5)


def test_bytes_are_enlarged_and_reduced_at_the_door():
    enlarger = load_enlarger(train(replace(TINY, steps=1)), device="cpu", precision="fp32")
    flat = np.full((3, 8, 12, 3), 77, np.uint8)
    found = enlarge(enlarger, flat, batch_size=2)
    assert found.shape == (3, 32, 48, 3) and found.dtype == np.uint8
    assert np.abs(found.astype(int) - 77).max() <= 2
    reduced = reduce(np.full((3, 32, 48, 3), 77, np.uint8), batch_size=2)
    assert reduced.shape == (3, 8, 12, 3) and (reduced == 77).all()
    with pytest.raises(
        ValueError, match=r"Images of 50 x 40 px cannot be reduced by 4; crop them to 48 x 40"
    ):
        reduce(np.zeros((1, 40, 50, 3), np.uint8))


def test_images_that_are_smaller_than_a_crop_are_refused():
    with pytest.raises(ValueError, match=r"training images are 48 x 40 px, but 64 px a side is the least"):
        train(replace(TINY, crop_px=64))

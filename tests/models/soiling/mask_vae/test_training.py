from dataclasses import replace

import numpy as np
import pytest
import torch

from models.augmentation.config import GeometricConfig
from models.soiling.mask_iou import new_share
from models.soiling.mask_vae.coding import decode, encode, load_mask_coder, mix_codes
from models.soiling.mask_vae.training import (
    MaskSets,
    draw_batch,
    find_losses,
    mask_vae_task,
    train_mask_vae,
    weigh,
)
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.randomness import seeded_torch, stream_rng
from models.training.supervised import Hooks
from tests.models.soiling.toy_soiling import TINY_VAE, draw_masks, draw_mud

SETS = MaskSets(draw_masks(12, seed=0), draw_masks(5, seed=1))


def train(config=TINY_VAE, *, sets=SETS, seed=5, resume=None, saved=None) -> dict:
    hooks = Hooks(save=([] if saved is None else saved).append)
    return train_mask_vae(config, sets, seed=seed, resume=resume, hooks=hooks)


def file_of(state: dict, path) -> bytes:
    save_checkpoint(path, state)
    return path.read_bytes()


def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path):
    saved: list[dict] = []
    config = replace(TINY_VAE, ema_decay=0.8)
    whole = train(config, saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    half = load_checkpoint(tmp_path / "half.pt", kind="mask_vae")
    assert half["step"] == 3
    rest = train(config, resume=half)
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")
    assert file_of(train(config, seed=6), tmp_path / "rest.pt") != file_of(whole, tmp_path / "whole.pt")


def test_beta_of_a_step_is_in_its_batch_and_in_the_objective():
    batch = draw_batch(TINY_VAE, SETS.train_nss, seed=0, number=1)
    assert batch.beta.item() == 0.25
    losses = {
        name: torch.tensor(value) for name, value in (("reconstruction", 7.0), ("kl", 4.0), ("beta", 0.25))
    }
    assert weigh(losses).item() == 8.0
    # Of two processes both draw a batch in step 1, numbers 2 and 3.
    pair = replace(TINY_VAE, processes=2)
    assert [draw_batch(pair, SETS.train_nss, seed=0, number=number).beta.item() for number in (2, 3)] == [
        0.25,
        0.25,
    ]


def test_losses_are_of_a_code_that_is_drawn_and_not_of_its_mean():
    task = mask_vae_task(TINY_VAE, SETS, seed=0)
    batch = task.draw(0)

    def reconstruction(number: int) -> float:
        with seeded_torch(stream_rng(0, "draw", number), torch.device("cpu")):
            return find_losses(TINY_VAE, task.network, batch)["reconstruction"].item()

    assert reconstruction(0) == reconstruction(0) != reconstruction(1)


def test_masks_are_augmented_and_what_comes_into_the_frame_is_clear():
    shrunk = GeometricConfig(flip_probability=0.0, smallest_scale=0.5, largest_scale=0.5)
    config = replace(TINY_VAE, augmentation=shrunk)
    batch = draw_batch(config, np.ones((4, 32, 32), np.float32), seed=0, number=0)
    assert batch.masks_b1ss.shape == (4, 1, 32, 32)
    assert batch.masks_b1ss.mean((1, 2, 3)).tolist() == pytest.approx([0.25] * 4, abs=0.03)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            MaskSets(draw_masks(2, seed=0, height=64), SETS.val_nss),
            r"training masks are 32 x 64 px, but size_px is 32",
        ),
        (
            MaskSets(SETS.train_nss, np.zeros((2, 32, 32), np.float32)),
            r"No mask of the validation has a pixel",
        ),
        (MaskSets(SETS.train_nss * 2, SETS.val_nss), r"training masks must be in 0..1, but are in 0..2"),
    ],
)
def test_sets_that_cannot_be_learned_from_are_refused(sets, message):
    with pytest.raises(ValueError, match=message):
        train(sets=sets)


def test_few_annotated_images_teach_it_to_give_back_and_to_make_other_masks():
    train_masks, held_out = draw_mud(150, seed=2, size=64), draw_mud(30, seed=3, size=64)
    config = replace(
        TINY_VAE,
        size_px=64,
        codes=64,
        filters=8,
        steps=400,
        batch_size=16,
        learning_rate=4e-3,
        warmup_steps=20,
        beta_warmup_steps=100,
        eval_every_steps=200,
        checkpoint_every_steps=400,
    )
    state = train(config, sets=MaskSets(train_masks, held_out))
    # The mean mask has 0.20, cut where it covers as much; this short training comes to 0.63.
    assert state["best"]["iou"] > 0.55
    coder = load_mask_coder(state, device="cpu", precision="fp32")
    mixed = decode(coder, mix_codes(encode(coder, train_masks), count=100, seed=0))
    assert new_share(mixed, train_masks) >= 0.9
    assert 0.5 < (mixed > 0.5).mean() / (train_masks > 0.5).mean() < 1.5


def test_a_state_of_before_its_first_evaluation_is_refused():
    saved: list[dict] = []
    train(replace(TINY_VAE, checkpoint_every_steps=1), saved=saved)
    with pytest.raises(ValueError, match=r"saved at step 1, before its first evaluation"):
        load_mask_coder(saved[0])

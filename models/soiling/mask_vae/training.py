"""Trains the VAE of masks and keeps the weights with the best IoU of reconstructions in validation."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast, choose_device, send
from models.augmentation.geometric import draw_placement, place_image
from models.configs import require, to_plain
from models.soiling.mask_iou import mean_iou, soft_iou
from models.soiling.mask_vae.coding import KIND, MaskCoder, decode, encode
from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.mask_vae.losses import beta_at, kl_divergence, reconstruction_loss
from models.soiling.mask_vae.network import MaskVae
from models.soiling.masks import check_masks
from models.training.checkpoints import State
from models.training.randomness import sample_indices, stream_rng
from models.training.supervised import Choice, Hooks, Losses, Task, start_network, train_network


@dataclass(frozen=True)
class MaskSets:
    """Masks float32 [n, s, s] in 0..1 to learn from and to validate on, arrays or memmaps."""

    train_nss: np.ndarray
    val_nss: np.ndarray


@dataclass(frozen=True)
class MaskBatch:
    """Masks [b, 1, s, s] on the network's device, and beta of the step."""

    masks_b1ss: Tensor
    beta: Tensor


def train_mask_vae(
    config: MaskVaeConfig, sets: MaskSets, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """The finished state, for `load_mask_coder`: the weights with the best mean IoU on `sets.val_nss`.

    Raises ValueError for sets or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    config = config.settled()
    task = mask_vae_task(config, sets, seed=seed)
    return train_network(task, config, seed=seed, resume=resume, hooks=hooks)


def mask_vae_task(config: MaskVaeConfig, sets: MaskSets, *, seed: int) -> Task[MaskBatch]:
    """A new network with the batches and figures that it learns by; ValueError for sets that do not fit."""
    for name, masks in (("training", sets.train_nss), ("validation", sets.val_nss)):
        _check_set(name, masks, size_px=config.size_px)
    require(
        mean_iou(sets.val_nss, sets.val_nss) == 1,
        "No mask of the validation has a pixel with an opacity of 0.5 or more; by such masks no IoU can be told.",
    )
    device = choose_device(config.device)
    network = start_network(partial(MaskVae, config), config, seed=seed)
    return Task(
        kind=KIND,
        network=network,
        draw=lambda number: draw_batch(config, sets.train_nss, seed=seed, number=number),
        losses=partial(find_losses, config),
        objective=weigh,
        validate=lambda network: validate(MaskCoder(config, _as_vae(network), device), sets.val_nss),
        choice=Choice("iou", is_higher_better=True),
        identity={"config": to_plain(config)},
    )


def _check_set(name: str, masks_nss: np.ndarray, *, size_px: int) -> None:
    check_masks(name, masks_nss)
    require(
        masks_nss.shape[1:] == (size_px, size_px),
        f"The {name} masks are {masks_nss.shape[2]} x {masks_nss.shape[1]} px, but size_px is {size_px}; "
        "bring them to that size by resize_mask.",
    )


def draw_batch(config: MaskVaeConfig, masks_nss: np.ndarray, *, seed: int, number: int) -> MaskBatch:
    """The augmented batch of this number."""
    count, rng = config.batch_size, stream_rng(seed, "augment", number)
    chosen = sample_indices(seed, "train", start=number * count, count=count, population=len(masks_nss))
    masks = torch.from_numpy(np.stack([masks_nss[index] for index in chosen])).unsqueeze(1)
    size, lay = (config.size_px, config.size_px), config.augmentation
    placed = [place_image(mask, draw_placement(lay, rng, image_hw=size)) for mask in masks]
    beta = beta_at(number // config.processes, beta=config.beta, warmup_steps=config.beta_warmup_steps)
    device = choose_device(config.device)
    return MaskBatch(send(torch.stack(placed).clamp(0, 1), device), send(torch.tensor(beta), device))


def find_losses(config: MaskVaeConfig, network: nn.Module, batch: MaskBatch) -> Losses:
    """The two unweighted losses, and beta as it is, for the log."""
    with autocast(batch.masks_b1ss.device, config.arithmetic):
        logits, posterior = network(batch.masks_b1ss)
    return {
        "reconstruction": reconstruction_loss(logits, batch.masks_b1ss),
        "kl": kl_divergence(posterior),
        "beta": batch.beta,
    }


def weigh(losses: Losses) -> Tensor:
    """The objective: cross entropy + beta KL."""
    return losses["reconstruction"] + losses["beta"] * losses["kl"]


def validate(coder: MaskCoder, masks_nss: np.ndarray) -> dict[str, float]:
    """Means over masks of what is decoded of their codes' means: IoU from an opacity of 0.5 on, and without threshold."""
    rebuilt = decode(coder, encode(coder, masks_nss))
    return {
        "iou": mean_iou(rebuilt, masks_nss),
        "soft_iou": float(soft_iou(rebuilt, masks_nss).mean()),
    }


def _as_vae(network: nn.Module) -> MaskVae:
    assert isinstance(network, MaskVae), "a training starts with one"
    return network

"""Trains a CycleGAN that changes images in their masks alone, beside a segmenter that stays as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast, choose_device
from models.configs import to_plain
from models.soiling.dirty_gan.applying import KIND
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.confinement import go_both_ways
from models.soiling.dirty_gan.data import DirtySets, DirtySplits, batch_drawer, check_sets, found_masks
from models.soiling.dirty_gan.losses import DirtyBatch, Pools, find_losses, masked_distance, weigh
from models.soiling.dirty_gan.networks import build_networks
from models.soiling.mask_iou import mean_iou
from models.soiling.masks import resize_mask
from models.soiling.opacity import weights_digest
from models.training.checkpoints import State
from models.training.supervised import Choice, Hooks, Losses, Task, start_network, train_network
from models.translation.image_pool import ImagePool
from models.translation.image_sets import to_bchw
from models.translation.images import to_floats
from models.translation.losses import pixel_distance

_CHANNELS = 4  # of an image and its mask


@dataclass(frozen=True)
class Newest(Choice):
    """The last weights, as CycleGAN keeps: no figure tells which step of a GAN is the best."""

    def prefers(self, value: float, other: float) -> bool:
        return True


def train_dirty_gan(
    config: DirtyGanConfig,
    splits: DirtySplits,
    opacity: nn.Module,
    *,
    seed: int,
    resume: State | None,
    hooks: Hooks,
) -> State:
    """The finished state, for `load_dirty_gan`. `opacity` is M, on the configured device: see `OpacityNetwork`.

    Raises ValueError for sets or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    config = config.settled()
    task = dirty_gan_task(config, splits, opacity, seed=seed)
    return train_network(task, config, seed=seed, resume=resume, hooks=hooks)


def dirty_gan_task(
    config: DirtyGanConfig, splits: DirtySplits, opacity: nn.Module, *, seed: int
) -> Task[DirtyBatch]:
    """New networks with the batches and figures that they learn by; ValueError for sets that do not fit."""
    check_sets(splits)
    device = choose_device(config.device)
    memory = _start_memory(config, splits.train, device)
    pools = Pools(*(ImagePool(config.pool_images, memory[name]) for name in ("soiled_pool", "clean_pool")))
    return Task(
        kind=KIND,
        network=start_network(partial(build_networks, config), config, seed=seed),
        draw=batch_drawer(config, splits.train, opacity, seed=seed),
        losses=partial(_losses_of, config, opacity, pools),
        objective=partial(weigh, config.losses),
        validate=lambda networks: validate(config, _as_dict(networks), splits.val, opacity),
        choice=Newest("mask", is_higher_better=False),
        identity={
            "config": to_plain(config),
            "image_hw": list(splits.train.image_hw),
            "segmenter_sha256": weights_digest(opacity),
        },
        memory=memory,
    )


def validate(
    config: DirtyGanConfig, networks: nn.ModuleDict, val: DirtySets, opacity: nn.Module
) -> dict[str, float]:
    """Over pairs of clean images with masks, and of soiled ones: how well M finds the mask that was to be soiled (L1 of
    opacity, and IoU from an opacity of 0.5 on), and how well masked pixels come back both ways.
    """
    rows = [_figures_of(config, networks, *each, opacity=opacity) for each in _val_parts(val, config)]
    names = ("mask", "clean_cycle", "soiled_cycle", "found_iou")
    return dict(zip(names, np.mean(rows, axis=0).tolist(), strict=True))


def _val_parts(val: DirtySets, config: DirtyGanConfig) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One clean image, one mask and one soiled image at a time; the smaller sets begin again."""
    device = choose_device(config.device)
    for number in range(max(len(val.clean_nhwc), len(val.soiled_nhwc))):
        clean, soiled = (
            to_floats(to_bchw(images[number % len(images)][None]).to(device))
            for images in (val.clean_nhwc, val.soiled_nhwc)
        )
        mask = to_bchw(val.masks_kst[number % len(val.masks_kst)][None]).to(device)
        yield clean, resize_mask(mask, val.image_hw), soiled


def _figures_of(
    config: DirtyGanConfig,
    networks: nn.ModuleDict,
    clean_bchw: Tensor,
    mask_b1hw: Tensor,
    soiled_bchw: Tensor,
    *,
    opacity: nn.Module,
) -> tuple[float, float, float, float]:
    soiled_mask = found_masks(opacity, soiled_bchw, config.smoothing_px)
    with autocast(clean_bchw.device, config.arithmetic):
        cycles = go_both_ways(
            networks, (clean_bchw, mask_b1hw), (soiled_bchw, soiled_mask), config.mask_input
        )
    found = opacity(cycles.soiled.image_bchw)
    return (
        pixel_distance(found, mask_b1hw).item(),
        masked_distance(cycles.clean_again_bchw, clean_bchw, mask_b1hw).item(),
        masked_distance(cycles.soiled_again_bchw, soiled_bchw, soiled_mask).item(),
        mean_iou(found[:, 0].cpu().numpy(), mask_b1hw[:, 0].cpu().numpy()),
    )


def _losses_of(
    config: DirtyGanConfig, opacity: nn.Module, pools: Pools, networks: nn.Module, batch: DirtyBatch
) -> Losses:
    with autocast(batch.clean_bchw.device, config.arithmetic):
        return find_losses(config, _as_dict(networks), batch, opacity=opacity, pools=pools)


def _start_memory(config: DirtyGanConfig, sets: DirtySets, device: torch.device) -> dict[str, Tensor]:
    """Both pools, of which the last place is for those that are not kept."""
    shape = (config.pool_images + 1, _CHANNELS, *sets.image_hw)
    return {name: torch.zeros(shape, device=device) for name in ("soiled_pool", "clean_pool")}


def _as_dict(networks: nn.Module) -> nn.ModuleDict:
    assert isinstance(networks, nn.ModuleDict), "build_networks gives one"
    return networks

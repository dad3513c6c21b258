"""The losses of one step of the confined CycleGAN, all in float32; the seed prints none of them, these are ours."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.soiling.dirty_gan.config import DirtyGanConfig, DirtyLosses
from models.soiling.dirty_gan.confinement import Cycles, go_both_ways, mask_of, with_mask
from models.soiling.dirty_gan.networks import CLEAN_JUDGE, SOILED_JUDGE, judge
from models.training.supervised import Losses
from models.translation.adversarial import discriminator_loss, generator_loss
from models.translation.image_pool import ImagePool
from models.translation.losses import pixel_distance

_LEAST_WEIGHT = 1e-6  # of all masks of a batch: where nothing is soiled, the loss is 0


@dataclass(frozen=True)
class DirtyBatch:
    """Clean images with the masks to soil, and soiled images with the masks that M found, gaussian: [b, 3 or 1, h, w].

    Images are in -1..1; the plans [b, 2] are what `plan_exchange` gives, of each pool its own.
    """

    clean_bchw: Tensor
    masks_b1hw: Tensor
    soiled_bchw: Tensor
    soiled_masks_b1hw: Tensor
    soiled_plan: Tensor
    clean_plan: Tensor


@dataclass(frozen=True)
class Pools:
    """Earlier [image, mask] that the soiler and the cleaner made."""

    soiled: ImagePool
    clean: ImagePool


def find_losses(
    config: DirtyGanConfig, networks: nn.ModuleDict, batch: DirtyBatch, *, opacity: nn.Module, pools: Pools
) -> Losses:
    """Unweighted losses by name: the generators' five, and each discriminator's own.

    A discriminator learns by its own loss alone: where it judges for a generator its weights are fixed, and its own loss
    sees images without their history. So one backward pass and one Adam, which treats each weight for itself, are the
    turns of CycleGAN.
    """
    cycles = go_both_ways(
        networks,
        (batch.clean_bchw, batch.masks_b1hw),
        (batch.soiled_bchw, batch.soiled_masks_b1hw),
        config.mask_input,
    )
    made_soiled = with_mask(cycles.soiled.image_bchw, batch.masks_b1hw)
    made_clean = with_mask(cycles.cleaned.image_bchw, batch.soiled_masks_b1hw)
    return {
        **_generator_losses(networks, batch, cycles, opacity),
        "soiled_adversarial": _fooling(networks[SOILED_JUDGE], made_soiled),
        "clean_adversarial": _fooling(networks[CLEAN_JUDGE], made_clean),
        "soiled_discriminator": discrimination(
            networks[SOILED_JUDGE],
            with_mask(batch.soiled_bchw, batch.soiled_masks_b1hw),
            pools.soiled.exchange(made_soiled, batch.soiled_plan),
        ),
        "clean_discriminator": discrimination(
            networks[CLEAN_JUDGE],
            with_mask(batch.clean_bchw, batch.masks_b1hw),
            pools.clean.exchange(made_clean, batch.clean_plan),
        ),
    }


def weigh(weights: DirtyLosses, losses: Losses) -> Tensor:
    """The generators' objective, and the discriminators', which share no weights with it."""
    adversarial = losses["soiled_adversarial"] + losses["clean_adversarial"]
    cycle = losses["clean_cycle"] + losses["soiled_cycle"]
    generators = weights.adversarial * adversarial + weights.cycle * cycle + weights.mask * losses["mask"]
    return generators + losses["soiled_discriminator"] + losses["clean_discriminator"]


def masked_distance(images_bchw: Tensor, others_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
    """sum(m |x - y|) / sum(m) over the batch, |x - y| the mean over colours; 0 where nothing is soiled."""
    mask = mask_b1hw.float()
    difference = (images_bchw.float() - others_bchw.float()).abs().mean(dim=1, keepdim=True)
    return (mask * difference).sum() / mask.sum().clamp(min=_LEAST_WEIGHT)


def discrimination(discriminator: nn.Module, real_bchw: Tensor, pooled_bchw: Tensor) -> Tensor:
    """Half of (D - 1)^2 at real and D^2 at made [image, mask] [b, 4, h, w], each patch by the mean of its mask."""
    scores = discriminator(torch.cat((real_bchw, pooled_bchw)))
    real, fake = scores.split((len(real_bchw), len(pooled_bchw)))
    return discriminator_loss("least_squares", real, fake, mask_of(real_bchw), mask_of(pooled_bchw))


def _fooling(discriminator: nn.Module, made_bchw: Tensor) -> Tensor:
    return generator_loss("least_squares", judge(discriminator, made_bchw), mask_of(made_bchw))


def _generator_losses(
    networks: nn.ModuleDict, batch: DirtyBatch, cycles: Cycles, opacity: nn.Module
) -> Losses:
    return {
        "clean_cycle": masked_distance(cycles.clean_again_bchw, batch.clean_bchw, batch.masks_b1hw),
        "soiled_cycle": masked_distance(cycles.soiled_again_bchw, batch.soiled_bchw, batch.soiled_masks_b1hw),
        "mask": pixel_distance(opacity(cycles.soiled.image_bchw), batch.masks_b1hw),
    }

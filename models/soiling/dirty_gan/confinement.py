"""Generators that are confined to a mask, and both cycles through them.

Shapes: b batch, h x w pixels; images are floats in -1..1, masks in 0..1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.soiling.dirty_gan.config import MaskInput
from models.soiling.dirty_gan.networks import CLEANER, SOILER


@dataclass(frozen=True)
class Confined:
    """What a generator gives [b, 3, h, w], and the image in which only the mask has it."""

    proposal_bchw: Tensor
    image_bchw: Tensor


@dataclass(frozen=True)
class Cycles:
    """Of clean images x with drawn masks: x_s, and x given back; of soiled ones y with M's masks: y_c, and y given back."""

    soiled: Confined
    clean_again_bchw: Tensor
    cleaned: Confined
    soiled_again_bchw: Tensor


def blend(images_bchw: Tensor, changed_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
    """(1 - m) x + m y in float32: where m is 0 it is x bit for bit, where m is 1 y."""
    mask = mask_b1hw.float()
    return (1 - mask) * images_bchw.float() + mask * changed_bchw.float()


def propose(generator: nn.Module, images_bchw: Tensor, mask_b1hw: Tensor, mask_input: MaskInput) -> Tensor:
    """What a generator would have everywhere, of images and where they may change."""
    if mask_input == "dot":
        return generator(images_bchw * mask_b1hw)
    return generator(torch.cat((images_bchw, mask_b1hw), dim=1))


def confine(generator: nn.Module, images_bchw: Tensor, mask_b1hw: Tensor, mask_input: MaskInput) -> Confined:
    """x_s = (1 - m) x + m T(x, m), and with H the same back."""
    proposal = propose(generator, images_bchw, mask_b1hw, mask_input)
    return Confined(proposal, blend(images_bchw, proposal, mask_b1hw))


def go_both_ways(
    networks: nn.ModuleDict,
    clean: tuple[Tensor, Tensor],
    soiled: tuple[Tensor, Tensor],
    mask_input: MaskInput,
) -> Cycles:
    """Each of `clean` and `soiled` are images and their masks; on the way back a mask is the one of the way there."""
    (x, x_mask), (y, y_mask) = clean, soiled
    dirty = confine(networks[SOILER], x, x_mask, mask_input)
    tidy = confine(networks[CLEANER], y, y_mask, mask_input)
    return Cycles(
        soiled=dirty,
        clean_again_bchw=propose(networks[CLEANER], dirty.image_bchw, x_mask, mask_input),
        cleaned=tidy,
        soiled_again_bchw=propose(networks[SOILER], tidy.image_bchw, y_mask, mask_input),
    )


def with_mask(images_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
    """[b, 4, h, w]: what discriminators see and pools keep."""
    return torch.cat((images_bchw.float(), mask_b1hw.float()), dim=1)


def mask_of(seen_bchw: Tensor) -> Tensor:
    """The mask [b, 1, h, w] of what `with_mask` joined."""
    return seen_bchw[:, 3:]

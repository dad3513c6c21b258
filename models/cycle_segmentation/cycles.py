"""Both cycles of Fig. 2: image to segmentation to image, and segmentation to image to segmentation.

Shapes: b batch, S classes with void as the last, h x w pixels. Images are floats in -1..1, labels int64 in 0..S-1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.augmentation.config import IGNORE_LABEL
from models.cycle_segmentation.config import CycleConfig
from models.cycle_segmentation.networks import SEGMENTER, SYNTHESIZER, run_backward
from models.cycle_segmentation.noise import add_noise, bound_logits


@dataclass(frozen=True)
class ForwardCycle:
    """Of images x: y~ (logits, and bounded as `latent`), y^ and x^rec."""

    logits_bshw: Tensor
    latent_bshw: Tensor
    noisy_bshw: Tensor
    reconstruction_bchw: Tensor


@dataclass(frozen=True)
class BackwardCycle:
    """Of label maps y: x and y~rec."""

    synthetic_bchw: Tensor
    logits_bshw: Tensor


def go_forward(networks: nn.ModuleDict, images_bchw: Tensor, config: CycleConfig) -> ForwardCycle:
    """Segment, add noise to what is then reconstructed, reconstruct: F sees no softmax."""
    logits = networks[SEGMENTER](images_bchw)
    latent = bound_logits(logits.float(), config)
    noisy = add_noise(latent, config.noise)
    return ForwardCycle(logits, latent, noisy, networks[SYNTHESIZER](noisy))


def go_backward(networks: nn.ModuleDict, labels_bhw: Tensor, num_outputs: int) -> BackwardCycle:
    """Make images of label maps, without noise, and segment them."""
    synthetic = run_backward(networks, SYNTHESIZER, one_hot(labels_bhw, num_outputs))
    return BackwardCycle(synthetic, run_backward(networks, SEGMENTER, synthetic))


def void_as_class(labels_bhw: Tensor, num_outputs: int) -> Tensor:
    """Labels with 255 as the last class."""
    return labels_bhw.masked_fill(labels_bhw == IGNORE_LABEL, num_outputs - 1)


def one_hot(labels_bhw: Tensor, num_outputs: int) -> Tensor:
    """Float32 [b, S, h, w] of labels of which 255 is void, pixels as rows in memory (channels_last)."""
    classes = torch.arange(num_outputs, device=labels_bhw.device)
    is_class = void_as_class(labels_bhw, num_outputs).unsqueeze(-1) == classes
    return is_class.float().permute(0, 3, 1, 2)

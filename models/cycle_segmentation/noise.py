"""Noise on a latent segmentation, so that it can carry no watermark (seed 002, section 3.2), and how strong it is.

Shapes: b batch, S classes, h x w pixels. Every kind passes gradients on; quantisation and Gaussian noise as the identity.
"""

import torch
from torch import Tensor

from models.cycle_segmentation.config import CycleConfig, NoiseConfig, SnrNorm


def bound_logits(logits_bshw: Tensor, config: CycleConfig) -> Tensor:
    """The latent segmentation (y~ of the paper) that images are reconstructed from, as `logit_range` says."""
    if config.logit_range == "raw":
        return logits_bshw
    return torch.tanh(logits_bshw / config.logit_scale if config.logit_range == "scaled" else logits_bshw)


def loss_logits(logits_bshw: Tensor, config: CycleConfig | None) -> Tensor:
    """What the losses of labels see of a network's logits."""
    return torch.tanh(logits_bshw) if config is not None and config.logit_range == "tanh" else logits_bshw


def add_noise(latent_bshw: Tensor, config: NoiseConfig) -> Tensor:
    """The noisy latent segmentation (y^); Gaussian numbers are torch's own, on the device of `latent_bshw`."""
    if config.kind == "max_only":
        return keep_largest(latent_bshw)
    if config.kind == "quantization":
        return quantize(latent_bshw, bits=config.bits)
    if config.kind == "gaussian":
        sigma_b111 = noise_deviation(latent_bshw, snr_db=config.snr_db, norm=config.snr_norm)
        return latent_bshw + sigma_b111 * draw_normal(latent_bshw)
    return latent_bshw


def draw_normal(like_bshw: Tensor) -> Tensor:
    """torch's own N(0, 1) of this shape, pixels as rows in memory (channels_last).

    `randn_like` of maps in that order takes several times as long on a CPU: it fills them number by number.
    """
    batch, classes, height, width = like_bshw.shape
    numbers = torch.randn(batch, height, width, classes, dtype=like_bshw.dtype, device=like_bshw.device)
    return numbers.permute(0, 3, 1, 2)


def keep_largest(latent_bshw: Tensor) -> Tensor:
    """All but each pixel's largest class set to 0; of equal ones the first is kept."""
    is_largest = torch.zeros_like(latent_bshw).scatter_(1, latent_bshw.argmax(dim=1, keepdim=True), 1.0)
    return latent_bshw * is_largest


def quantize(latent_bshw: Tensor, *, bits: int) -> Tensor:
    """The nearest of 2^bits even levels from -1 to 1 (eq. 9), with the gradient of the identity everywhere."""
    steps = 2**bits - 1
    with torch.no_grad():
        levels = ((latent_bshw.clamp(-1, 1) + 1) * (steps / 2)).round_().mul_(2 / steps).sub_(1)
    # In this order the value is that of the level, to the last bit.
    return levels + (latent_bshw - latent_bshw.detach())


def noise_deviation(latent_bshw: Tensor, *, snr_db: float, norm: SnrNorm) -> Tensor:
    """Standard deviation [b, 1, 1, 1] of Gaussian noise at this signal-to-noise ratio in each image (eq. 13)."""
    signal = latent_bshw.detach().float().square()
    if norm == "elements":
        power = signal.mean(dim=(1, 2, 3), keepdim=True)
    else:
        power = signal.sum(dim=1, keepdim=True).mean(dim=(2, 3), keepdim=True)
    return (power * 10 ** (-snr_db / 10)).sqrt().to(latent_bshw.dtype)


def measure_snr_db(latent_bshw: Tensor, noisy_bshw: Tensor) -> Tensor:
    """Signal-to-noise ratio [b] of each image (eq. 11); infinite without noise."""
    signal = latent_bshw.float().square().flatten(1).sum(1)
    noise = (noisy_bshw.float() - latent_bshw.float()).square().flatten(1).sum(1)
    return 10 * (signal / noise).log10()


def saturated_share(latent_bshw: Tensor, *, limit: float = 0.99) -> Tensor:
    """Share [b] of each image's elements that are as good as at an end of -1..1, or beyond it."""
    return (latent_bshw.abs() >= limit).float().flatten(1).mean(1)

"""Segmentations, reconstructions and their figures: the part that validation, evaluation and users share.

Shapes: n or b images, S classes with void as the last, h x w pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast
from models.augmentation.config import IGNORE_LABEL
from models.configs import DeviceName, Precision, from_plain, require
from models.cycle_segmentation.config import CycleSegmentationConfig, NoiseConfig
from models.cycle_segmentation.cycles import ForwardCycle, go_backward, go_forward
from models.cycle_segmentation.networks import SEGMENTER, SYNTHESIZER, build_networks
from models.cycle_segmentation.noise import add_noise, draw_normal, measure_snr_db, saturated_share
from models.segmentation.applying import pad_to_strides
from models.segmentation.images import load_images, normalise
from models.training.checkpoints import State, require_kind
from models.training.kept_networks import place_best_network
from models.training.randomness import seeded_torch, stream_rng

KIND = "cycle_segmenter"  # of a state
PEAK = 2.0  # of images in -1..1
PROBE_DEVIATION = 0.01


@dataclass(frozen=True)
class CycleSegmenter:
    """Networks in evaluation mode on their device; without a cycle the segmenter alone."""

    config: CycleSegmentationConfig
    networks: nn.ModuleDict
    device: torch.device


@dataclass(frozen=True)
class Reconstructions:
    """Images rebuilt from their noisy segmentations, and figures of each [n].

    `snr_db` is that of the noise (infinite without), `probe_drop_db` by how much the PSNR falls where the synthesizer gets
    a segmentation to which N(0, 0.01^2) was added before its noise, in which no watermark survives.
    """

    images_nhwc: np.ndarray
    psnr_db: np.ndarray
    snr_db: np.ndarray
    saturated_share: np.ndarray
    probe_drop_db: np.ndarray


@dataclass(frozen=True)
class CycleAnswers:
    """Labels uint8 [n, h, w]: the likeliest of the real classes, and of all, void as 255.

    `reconstructions` is None without a cycle.
    """

    labels_nhw: np.ndarray
    labels_with_void_nhw: np.ndarray
    reconstructions: Reconstructions | None


@dataclass(frozen=True)
class CycleTrace:
    """Everything of Fig. 1 and 2 for one image and its label map; images uint8 [h, w, 3], labels uint8 [h, w], 255 for void.

    `latent_shw` and `noisy_shw`, float32, are y~ and y^; `noise_shw` is their difference. `probed_hwc` is reconstructed
    with the probe's noise on y~, in which a watermark vanishes.
    """

    labels_hw: np.ndarray
    latent_shw: np.ndarray
    noisy_shw: np.ndarray
    reconstruction_hwc: np.ndarray
    probed_hwc: np.ndarray
    synthetic_hwc: np.ndarray
    resegmented_hw: np.ndarray

    @property
    def noise_shw(self) -> np.ndarray:
        return self.noisy_shw - self.latent_shw


def load_cycle_segmenter(
    state: State, *, device: DeviceName = "auto", precision: Precision = "auto"
) -> CycleSegmenter:
    """The best checkpoint in `state`; ValueError if there is none yet. `precision` is this machine's."""
    require_kind(state, KIND)
    config = replace(from_plain(CycleSegmentationConfig, state["config"]), device=device, precision=precision)
    networks, place = place_best_network(state, lambda: build_networks(config), config)
    return CycleSegmenter(config, networks, place)


def answer(
    segmenter: CycleSegmenter, images_nhwc: np.ndarray, *, seed: int, batch_size: int = 8
) -> CycleAnswers:
    """Labels, reconstructions and figures of images uint8 [n, h, w, 3]; the noise is a function of seed, batch and order."""
    require(
        images_nhwc.ndim == 4 and images_nhwc.shape[-1] == 3 and images_nhwc.dtype == np.uint8,
        f"A segmenter reads uint8 images [n, height, width, 3], but these are {images_nhwc.dtype} "
        f"{list(images_nhwc.shape)}.",
    )
    return _join(list(answer_batches(segmenter, images_nhwc, seed=seed, batch_size=batch_size)))


def answer_batches(
    segmenter: CycleSegmenter, images_nhwc: np.ndarray, *, seed: int, batch_size: int
) -> Iterator[CycleAnswers]:
    """The same batch by batch, for sets whose reconstructions need not be kept."""
    for number, start in enumerate(range(0, len(images_nhwc), batch_size)):
        images = load_images(images_nhwc[start : start + batch_size], segmenter.device)
        # Yielded outside of these contexts, which would be the caller's too while it holds the batch.
        with torch.inference_mode(), seeded_torch(stream_rng(seed, "noise", number), segmenter.device):
            answers = _answer_batch(segmenter, images)
        yield answers


def trace(
    segmenter: CycleSegmenter, image_hwc: np.ndarray, labels_hw: np.ndarray, *, seed: int
) -> CycleTrace:
    """Both cycles of one image uint8 and its label map uint8 (255 for void), of one size. ValueError without a cycle."""
    config = segmenter.config
    if config.cycle is None:
        raise ValueError("These networks are a segmenter alone (cycle is null), which reconstructs nothing.")
    size = labels_hw.shape
    images = _prepare(load_images(image_hwc[None], segmenter.device))
    labels = torch.from_numpy(np.array(labels_hw)).to(segmenter.device)[None].long()
    noise = seeded_torch(stream_rng(seed, "noise", 0), segmenter.device)
    with torch.inference_mode(), noise, autocast(segmenter.device, config.arithmetic):
        whole = go_forward(segmenter.networks, images, config.cycle)
        probed = _probe(segmenter.networks, whole, config.cycle.noise)[..., : size[0], : size[1]]
        backward = go_backward(segmenter.networks, labels, config.num_outputs)
    forward = _cut(whole, size)
    return CycleTrace(
        labels_hw=read_labels(forward.logits_bshw, config)[1][0],
        latent_shw=forward.latent_bshw[0].float().cpu().numpy(),
        noisy_shw=forward.noisy_bshw[0].float().cpu().numpy(),
        reconstruction_hwc=to_bytes(forward.reconstruction_bchw)[0],
        probed_hwc=to_bytes(probed)[0],
        synthetic_hwc=to_bytes(backward.synthetic_bchw)[0],
        resegmented_hw=read_labels(backward.logits_bshw, config)[1][0],
    )


def read_labels(logits_bshw: Tensor, config: CycleSegmentationConfig) -> tuple[np.ndarray, np.ndarray]:
    """Labels uint8 [b, h, w]: the likeliest real class, and the likeliest of all, void as 255."""
    known = logits_bshw[:, : config.num_classes].float().max(dim=1)
    is_void = logits_bshw[:, config.num_classes].float() > known.values
    labels = known.indices.to(torch.uint8)
    return labels.cpu().numpy(), labels.masked_fill(is_void, IGNORE_LABEL).cpu().numpy()


def psnr_db(images_bchw: Tensor, reconstruction_bchw: Tensor) -> Tensor:
    """Peak signal-to-noise ratio [b] of images in -1..1 (eq. 14); infinite where nothing differs."""
    error = (reconstruction_bchw.float() - images_bchw.float()).square().flatten(1).mean(1)
    return 10 * (PEAK**2 / error).log10()


def to_bytes(images_bchw: Tensor) -> np.ndarray:
    """uint8 [b, h, w, 3] of images in -1..1; what lies outside is clipped."""
    levels = ((images_bchw.float() + 1) * 127.5).round().clamp(0, 255)
    return levels.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def _answer_batch(segmenter: CycleSegmenter, pixels_bchw: Tensor) -> CycleAnswers:
    config, networks = segmenter.config, segmenter.networks
    size = (pixels_bchw.shape[-2], pixels_bchw.shape[-1])
    images = _prepare(pixels_bchw)
    with autocast(segmenter.device, config.arithmetic):
        if config.cycle is None:
            logits = networks[SEGMENTER](images)[..., : size[0], : size[1]]
            return CycleAnswers(*read_labels(logits, config), None)
        whole = go_forward(networks, images, config.cycle)
        probed = _probe(networks, whole, config.cycle.noise)
    forward, images = _cut(whole, size), images[..., : size[0], : size[1]]
    psnr = psnr_db(images, forward.reconstruction_bchw)
    drop = psnr - psnr_db(images, probed[..., : size[0], : size[1]])
    figures = (
        psnr,
        measure_snr_db(
            whole.latent_bshw, whole.noisy_bshw
        ),  # with what was padded: the noise was drawn for all
        saturated_share(whole.latent_bshw),
        drop,
    )
    return CycleAnswers(
        *read_labels(forward.logits_bshw, config),
        Reconstructions(to_bytes(forward.reconstruction_bchw), *(each.cpu().numpy() for each in figures)),
    )


def _probe(networks: nn.ModuleDict, cycle: ForwardCycle, noise: NoiseConfig) -> Tensor:
    """Images reconstructed from y~ + N(0, 0.01^2), through the noise that the synthesizer was trained with.

    Added behind that noise it would show a synthesizer of a few levels values that it never saw, and say nothing of
    watermarks.
    """
    probed = cycle.latent_bshw + PROBE_DEVIATION * draw_normal(cycle.latent_bshw)
    return networks[SYNTHESIZER](add_noise(probed, noise))


def _prepare(pixels_bchw: Tensor) -> Tensor:
    return normalise(pad_to_strides(pixels_bchw.float() / 255), "symmetric")


def _cut(cycle: ForwardCycle, size: tuple[int, ...]) -> ForwardCycle:
    height, width = size
    return ForwardCycle(*(maps[..., :height, :width] for maps in vars(cycle).values()))


def _join(parts: list[CycleAnswers]) -> CycleAnswers:
    labels = np.concatenate([part.labels_nhw for part in parts])
    with_void = np.concatenate([part.labels_with_void_nhw for part in parts])
    rebuilt = [part.reconstructions for part in parts if part.reconstructions is not None]
    if not rebuilt:
        return CycleAnswers(labels, with_void, None)
    joined = {name: np.concatenate([getattr(each, name) for each in rebuilt]) for name in vars(rebuilt[0])}
    return CycleAnswers(labels, with_void, Reconstructions(**joined))

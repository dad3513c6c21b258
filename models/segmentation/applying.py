"""Labels of images of any size: the part that training, evaluation and users share."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.arithmetic.devices import autocast
from models.configs import DeviceName, Precision, from_plain, require
from models.segmentation.config import SegmentationConfig
from models.segmentation.images import load_images, normalise
from models.segmentation.networks.registry import build_network
from models.segmentation.weights import KIND
from models.training.checkpoints import State, require_kind
from models.training.kept_networks import place_best_network

Fit = Literal["pad", "resize"]
STRIDE_PX = 32  # of the coarsest maps of any network


@dataclass(frozen=True)
class Segmenter:
    """A network on its device, with the size of the images (crops) that it was trained on.

    `fit`: images keep their scale and are continued by their last pixels to whole strides (pad), or are brought to
    the training's size and their answers back to theirs (resize), for images of another scale.
    """

    config: SegmentationConfig
    network: nn.Module
    device: torch.device
    image_hw: tuple[int, int]
    fit: Fit = "pad"


def load_segmenter(
    state: State, *, device: DeviceName = "auto", precision: Precision = "auto", fit: Fit = "pad"
) -> Segmenter:
    """The best checkpoint in `state`, in evaluation mode; ValueError if there is none yet.

    `precision` is this machine's, whatever the training's was.
    """
    require_kind(state, KIND)
    config = replace(from_plain(SegmentationConfig, state["config"]), device=device, precision=precision)
    network, place = place_best_network(state, lambda: build_network(config), config)
    return Segmenter(config, network, place, tuple(state["image_hw"]), fit)


def segment(segmenter: Segmenter, images_nhwc: np.ndarray, *, batch_size: int = 8) -> np.ndarray:
    """Labels uint8 [n, h, w] of images uint8 [n, h, w, 3]; of images of several sizes one call a size."""
    require(
        images_nhwc.ndim == 4 and images_nhwc.shape[-1] == 3 and images_nhwc.dtype == np.uint8,
        f"A segmenter reads uint8 images [n, height, width, 3], but these are {images_nhwc.dtype} "
        f"{list(images_nhwc.shape)}.",
    )
    labels = np.empty(images_nhwc.shape[:3], np.uint8)
    with torch.inference_mode():
        for start in range(0, len(images_nhwc), batch_size):
            batch = slice(start, start + batch_size)
            logits = find_logits(segmenter, load_images(images_nhwc[batch], segmenter.device))
            labels[batch] = read_labels(logits, segmenter.config).cpu().numpy()
    return labels


def find_logits(segmenter: Segmenter, images_bchw: Tensor) -> Tensor:
    """Float32 [b, num_outputs, h, w] of images uint8 [b, 3, h, w], both on the network's device."""
    size = (images_bchw.shape[-2], images_bchw.shape[-1])
    images = images_bchw.float() / 255
    if segmenter.fit == "resize":
        images = functional.interpolate(images, size=segmenter.image_hw, mode="bilinear", antialias=True)
    images = pad_to_strides(images)
    with autocast(segmenter.device, segmenter.config.arithmetic):
        logits = segmenter.network(normalise(images, segmenter.config.normalisation)).float()
    if segmenter.fit == "pad":
        return logits[..., : size[0], : size[1]]
    height, width = segmenter.image_hw
    return functional.interpolate(logits[..., :height, :width], size=size, mode="bilinear")


def read_labels(logits_bchw: Tensor, config: SegmentationConfig) -> Tensor:
    """uint8 [b, h, w]: the likeliest class, or, of levels, how many are likelier than not."""
    if config.has_levels:
        return (logits_bchw > 0).sum(dim=1).to(torch.uint8)
    return logits_bchw.argmax(dim=1).to(torch.uint8)


def pad_to_strides(images_bchw: Tensor) -> Tensor:
    """The images, continued below and to the right by their last pixels until every network's strides divide them."""
    below, right = (-side % STRIDE_PX for side in images_bchw.shape[-2:])
    return (
        functional.pad(images_bchw, (0, right, 0, below), mode="replicate") if below or right else images_bchw
    )

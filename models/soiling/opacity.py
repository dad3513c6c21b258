"""The soiling segmenter M as a fixed, differentiable measure of opacity.

Shapes: b batch, k outputs of the segmenter, h x w pixels.
"""

import copy
import hashlib
from itertools import pairwise
from typing import Self

import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast
from models.configs import DeviceName, Precision, require
from models.segmentation.applying import Segmenter, load_segmenter, pad_to_strides
from models.segmentation.config import SegmentationConfig
from models.segmentation.images import normalise
from models.soiling.masks import LEVEL_ALPHAS
from models.training.checkpoints import State

_ALPHAS = {2: (0.0, 1.0), len(LEVEL_ALPHAS): LEVEL_ALPHAS}  # of classes, by their number


class OpacityNetwork(nn.Module):
    """M(x), float32 [b, 1, h, w] in 0..1, of images [b, 3, h, w] in -1..1 of any size.

    A copy of the segmenter whose weights get no gradient and whose norms stay in evaluation; images get their gradient.
    ValueError for a segmenter that tells neither soiled from clear nor the four levels apart.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        super().__init__()
        classes = segmenter.config.num_classes
        require(
            classes in _ALPHAS,
            f"A segmenter of soiling has 2 classes or {len(LEVEL_ALPHAS)} levels, but this one has {classes}.",
        )
        self.config = segmenter.config
        self.network = copy.deepcopy(segmenter.network).requires_grad_(False).eval()

    def forward(self, images_bchw: Tensor) -> Tensor:
        height, width = images_bchw.shape[-2:]
        images = normalise(pad_to_strides((images_bchw.float() + 1) / 2), self.config.normalisation)
        with autocast(images.device, self.config.arithmetic):
            logits = self.network(images)
        return opacity_of_logits(logits[..., :height, :width], self.config)

    def train(self, mode: bool = True) -> Self:
        """Stays in evaluation."""
        return super().train(False)


def load_opacity(
    state: State, *, device: DeviceName = "auto", precision: Precision = "auto"
) -> OpacityNetwork:
    """The best checkpoint of a trained segmenter."""
    return OpacityNetwork(load_segmenter(state, device=device, precision=precision))


def opacity_of_logits(logits_bkhw: Tensor, config: SegmentationConfig) -> Tensor:
    """The expected alpha [b, 1, h, w], by how likely each class is and how much it hides.

    Of levels the network says of each whether a pixel is at least that: alpha is the sum over levels of that share times
    by how much the level hides more than the one below.
    """
    alphas = torch.tensor(_ALPHAS[config.num_classes], device=logits_bkhw.device)
    logits = logits_bkhw.float()
    if config.has_levels:
        shares, weights = torch.sigmoid(logits), torch.stack([more - less for less, more in pairwise(alphas)])
    else:
        shares, weights = logits.softmax(dim=1), alphas
    return (shares * weights.view(-1, 1, 1)).sum(dim=1, keepdim=True)


def weights_digest(network: nn.Module) -> str:
    """sha256 of all weights and statistics, in the order of their names."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()

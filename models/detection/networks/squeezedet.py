"""SqueezeDet (Wu et al. 2017): SqueezeNet 1.1, two more fire modules, and one convolution that detects.

Shapes: b batch, a anchors of the whole grid, k anchors of a cell, n classes; the prediction is [b, a, n + 5].
"""

import math

import torch
from torch import Tensor, nn
from torchvision.models import squeezenet1_1
from torchvision.models.squeezenet import Fire


class Dropout(nn.Module):
    """torch's dropout by other draws: those of nn.Dropout take a CPU a tenth of a training step, these a fiftieth."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, maps: Tensor) -> Tensor:
        if not self.training or self.probability == 0:
            return maps
        is_kept = torch.rand_like(maps, dtype=torch.float32) >= self.probability
        return maps * is_kept / (1 - self.probability)


class SqueezeDet(nn.Module):
    """2,082,120 parameters at 3 classes and 9 anchors a cell, as published; SqueezeDet+, wider, 7,021,640."""

    def __init__(
        self, *, num_classes: int, anchors_per_cell: int, dropout: float = 0.5, is_plus: bool = False
    ) -> None:
        super().__init__()
        self.num_outputs = num_classes + 5
        self.backbone = _plus_features() if is_plus else _features()
        squeezed, expanded = (384, 256) if is_plus else (96, 384)
        self.extra = nn.Sequential(
            Fire(512, squeezed, expanded, expanded), Fire(2 * expanded, squeezed, expanded, expanded)
        )
        self.dropout = Dropout(dropout)
        self.detect = nn.Conv2d(2 * expanded, anchors_per_cell * self.num_outputs, 3, padding=1)
        self.apply(_initialise)
        # Small, so that training starts with the anchors themselves as boxes.
        nn.init.normal_(self.detect.weight, std=1e-3)

    def forward(self, image_bchw: Tensor) -> Tensor:
        """Floats centred on 0 to [b, a, n + 5]: n class logits, one confidence logit, dx, dy, dw, dh;
        float32.
        """
        maps = self.detect(self.dropout(self.extra(self.backbone(image_bchw))))
        return maps.float().permute(0, 2, 3, 1).reshape(len(maps), -1, self.num_outputs)

    def add_batch_norm(self) -> "SqueezeDet":
        """Put a batch norm behind every convolution but the detecting one; returns the network."""
        _normalise(self.backbone)
        _normalise(self.extra)
        # The detecting layer sums 6,912 inputs: with unit features one Adam step throws the boxes far off.
        for module in self.extra[-1].modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 0.1)
        return self

    def grid_hw(self, image_hw: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of the grid for images of this size, read from a dummy forward."""
        was_training = self.training
        self.eval()
        device = self.detect.weight.device
        with torch.inference_mode():
            height, width = self.backbone(torch.zeros(1, 3, *image_hw, device=device)).shape[2:]
        self.train(was_training)
        return int(height), int(width)


def _features() -> nn.Sequential:
    features = squeezenet1_1(weights=None).features
    first = features[0]
    assert isinstance(first, nn.Conv2d)
    # torchvision pads the first layer by 0; with 1 the grid is a sixteenth of the image, as in the paper.
    first.padding = (1, 1)
    return features


def _plus_features() -> nn.Sequential:
    """SqueezeNet with 1x1 filters three quarters as many as the expanded ones; padded for the same grid."""
    layers: list[nn.Module] = [nn.Conv2d(3, 96, 7, stride=2, padding=3), nn.ReLU(inplace=True), _pool()]
    channels = 96
    for number, half in enumerate((64, 64, 128, 128, 192, 192, 256, 256), start=2):
        layers.append(Fire(channels, half * 3 // 2, half, half))
        channels = 2 * half
        if number in (4, 8):
            layers.append(_pool())
    return nn.Sequential(*layers)


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


def safe_exp(log_size: Tensor) -> Tensor:
    """e^x for x <= 1 and e * x above, so that a wild prediction cannot overflow."""
    return torch.where(log_size > 1, math.e * log_size, torch.exp(log_size.clamp(max=1)))


def decode_boxes(deltas: Tensor, anchors_cxcywh: Tensor, *, image_hw: tuple[int, int]) -> Tensor:
    """Boxes [..., a, 4] xyxy in pixels, clipped to the image, from deltas [..., a, 4] and anchors [a, 4]."""
    centre = anchors_cxcywh[:, :2] + deltas[..., :2] * anchors_cxcywh[:, 2:]
    half = anchors_cxcywh[:, 2:] * safe_exp(deltas[..., 2:]) / 2
    limit = torch.tensor((image_hw[1], image_hw[0]), dtype=deltas.dtype, device=deltas.device)
    low = torch.minimum((centre - half).clamp(min=0), limit)
    high = torch.minimum((centre + half).clamp(min=0), limit)
    return torch.cat((low, high), dim=-1)


def _initialise(module: nn.Module) -> None:
    """He et al.'s normal distribution for layers with ReLU."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        assert module.bias is not None
        nn.init.zeros_(module.bias)


def _normalise(module: nn.Module) -> None:
    """Put a batch norm behind every convolution below `module`."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d):
            setattr(module, name, nn.Sequential(child, nn.BatchNorm2d(child.out_channels)))
        else:
            _normalise(child)

"""SqueezeDet and SqueezeDet+ as detectors: one grid of anchors over the image."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import batched_nms

from models.arithmetic.devices import autocast
from models.detection.data import Annotation, Detections
from models.detection.networks.anchors import anchor_grid
from models.detection.networks.detector import Detector
from models.detection.networks.loss import detection_losses, weighted_sum
from models.detection.networks.squeezedet import SqueezeDet, decode_boxes
from models.detection.networks.targets import build_targets
from models.training.imagenet_images import normalise


@dataclass(frozen=True)
class GridDetector(Detector):
    """A SqueezeDet whose anchors [k, 2] stand in every cell of its grid."""

    network: SqueezeDet

    @cached_property
    def anchors_cxcywh(self) -> np.ndarray:
        """All anchors [a, 4] over an image."""
        grid_hw = self.network.grid_hw(self.image_hw)
        return anchor_grid(self.anchors_wh, grid_hw=grid_hw, image_hw=self.image_hw)

    def losses(self, images_bchw: Tensor, annotations: Sequence[Annotation]) -> dict[str, Tensor]:
        targets = build_targets(
            annotations,
            anchors_cxcywh=self.anchors_cxcywh,
            largest_negative_iou=self.config.largest_negative_iou,
            device=self.device,
        )
        prediction = self.run(images_bchw)
        return detection_losses(
            prediction, targets, anchors_cxcywh=self.anchors_on_device(), image_hw=self.image_hw
        )

    def objective(self, losses: dict[str, Tensor]) -> Tensor:
        return weighted_sum(losses, self.config.losses)

    def predict(self, images_bchw: Tensor) -> list[Detections]:
        anchors = self.anchors_on_device()
        found = [self.read_out(each, anchors) for each in self.run(images_bchw)]
        return [Detections(*(part.cpu().numpy() for part in each)) for each in found]

    def run(self, images_bchw: Tensor) -> Tensor:
        """Prediction [b, a, n + 5] for float images in 0..1."""
        memory = torch.channels_last if self.config.is_channels_last else torch.contiguous_format
        images = normalise(images_bchw).contiguous(memory_format=memory)
        with autocast(self.device, self.arithmetic):
            return self.network(images)

    def read_out(self, prediction: Tensor, anchors_cxcywh: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes [k, 4] in pixels, scores [k] and labels [k], best first, of the prediction [a, n + 5] for one image.

        They are the `top_detections` best anchors, less those that a better one overlaps.
        """
        chance, labels = torch.softmax(prediction[:, :-5], dim=-1).max(-1)
        scores = torch.sigmoid(prediction[:, -5]) * chance
        scores, top = scores.topk(min(self.config.top_detections, len(scores)))
        boxes = decode_boxes(prediction[top, -4:], anchors_cxcywh[top], image_hw=self.image_hw)
        kept = batched_nms(boxes, scores, labels[top], self.config.nms_iou)
        return boxes[kept], scores[kept], labels[top][kept]

    def anchors_on_device(self) -> Tensor:
        """`anchors_cxcywh` as a tensor."""
        return torch.from_numpy(self.anchors_cxcywh).to(self.device)

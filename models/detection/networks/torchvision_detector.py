"""Torchvision's detectors behind the interface of ours: their own losses and their own reading out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import autocast
from models.detection.data import Annotation, Detections
from models.detection.networks.detector import Detector
from models.training.imagenet_images import MEAN_RGB


@dataclass(frozen=True)
class TorchvisionDetector(Detector):
    """A network that takes and gives labels from `first_label` on: 1 where it counts the background as 0."""

    first_label: int

    def losses(self, images_bchw: Tensor, annotations: Sequence[Annotation]) -> dict[str, Tensor]:
        """As the network's own; ignored regions, which it does not know, are painted over first."""
        images = [paint_ignored(*pair) for pair in zip(images_bchw, annotations, strict=True)]
        targets = [
            {
                "boxes": torch.from_numpy(annotation.boxes_xyxy).to(self.device),
                "labels": torch.from_numpy(annotation.labels + self.first_label).to(self.device),
            }
            for annotation in annotations
        ]
        with autocast(self.device, self.arithmetic):
            return self.network(images, targets)

    def objective(self, losses: dict[str, Tensor]) -> Tensor:
        """The plain sum, as in torchvision's training."""
        return torch.stack(list(losses.values())).sum()

    def predict(self, images_bchw: Tensor) -> list[Detections]:
        with autocast(self.device, self.arithmetic):
            found = self.network(list(images_bchw))
        return [
            Detections(
                each["boxes"].float().cpu().numpy(),
                each["scores"].float().cpu().numpy(),
                each["labels"].cpu().numpy() - self.first_label,
            )
            for each in found
        ]


def paint_ignored(image_chw: Tensor, annotation: Annotation) -> Tensor:
    """The image in 0..1 with its ignored regions in one mean colour, where no box lies over them."""
    if len(annotation.ignore_xyxy) == 0:
        return image_chw
    height, width = image_chw.shape[1:]
    is_painted = np.zeros((height, width), bool)
    for regions_xyxy, is_ignored in ((annotation.ignore_xyxy, True), (annotation.boxes_xyxy, False)):
        for left, top, right, bottom in np.rint(regions_xyxy).clip(min=0).astype(int):
            is_painted[top:bottom, left:right] = is_ignored
    color = torch.tensor(MEAN_RGB, device=image_chw.device).view(3, 1, 1)
    return torch.where(torch.from_numpy(is_painted).to(image_chw.device), color, image_chw)

"""What training and evaluation ask of a detector, whatever its network."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.precision import settle
from models.configs import Arithmetic
from models.detection.config import DetectorConfig
from models.detection.data import Annotation, Detections


@dataclass(frozen=True)
class Detector(ABC):
    """A network on its device, for images of one size, with the sizes of its anchors in pixels."""

    config: DetectorConfig
    network: nn.Module
    anchors_wh: np.ndarray
    image_hw: tuple[int, int]
    device: torch.device

    @property
    def arithmetic(self) -> Arithmetic:
        """In which the network runs; `place_detector` settled it."""
        return settle(self.config.precision, self.config.device)

    @abstractmethod
    def losses(self, images_bchw: Tensor, annotations: Sequence[Annotation]) -> dict[str, Tensor]:
        """Unweighted losses by name of float images in 0..1 that show what the annotations say."""

    @abstractmethod
    def objective(self, losses: dict[str, Tensor]) -> Tensor:
        """What training makes small: the weighted sum of the losses."""

    @abstractmethod
    def predict(self, images_bchw: Tensor) -> list[Detections]:
        """What the network, in evaluation mode, finds in each of these float images in 0..1."""

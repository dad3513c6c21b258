"""Runs a detector over images: the part that training, evaluation and users share."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import choose_device
from models.configs import DeviceName, Precision, from_plain, require
from models.detection.config import DetectorConfig
from models.detection.data import Detections
from models.detection.networks.detector import Detector
from models.detection.networks.registry import place_detector
from models.detection.weights import build_network
from models.training.checkpoints import State, require_kind
from models.training.kept_networks import best_network


def detect(
    state: State,
    images_nhwc: np.ndarray,
    *,
    batch_size: int = 8,
    device: DeviceName = "auto",
    precision: Precision = "auto",
) -> list[Detections]:
    """What the best checkpoint in `state` finds in uint8 images [n, h, w, 3] of its input size, an entry an
    image.

    `precision` is this machine's, whatever the training's was. All detections come back; `state["best"]["threshold"]`
    is the score from which they count.
    """
    detector = load_detector(state, device=device, precision=precision)
    return find_objects(detector, images_nhwc, batch_size=batch_size)


def load_detector(state: State, *, device: DeviceName = "auto", precision: Precision = "auto") -> Detector:
    """The best checkpoint in `state`, placed; ValueError if there is none yet."""
    require_kind(state, "detector")
    config = replace(from_plain(DetectorConfig, state["config"]), device=device, precision=precision)
    network = best_network(state, lambda: build_network(config))
    return place_detector(
        config,
        network,
        anchors_wh=np.array(state["anchors_wh"]),
        image_hw=tuple(state["image_hw"]),
        device=choose_device(device),
    )


def find_objects(detector: Detector, images_nhwc: np.ndarray, *, batch_size: int) -> list[Detections]:
    """Detections of each image; ValueError if the images are not of the detector's input size."""
    height, width = detector.image_hw
    require(
        images_nhwc.shape[1:] == (height, width, 3) and images_nhwc.dtype == np.uint8,
        f"The detector reads uint8 images [n, {height}, {width}, 3], but these are {images_nhwc.dtype} "
        f"{list(images_nhwc.shape)}; resize them first.",
    )
    was_training = detector.network.training
    detector.network.eval()
    found: list[Detections] = []
    with torch.inference_mode():
        for start in range(0, len(images_nhwc), batch_size):
            images = load_images(images_nhwc[start : start + batch_size], detector.device)
            found += detector.predict(images.float() / 255)
    detector.network.train(was_training)
    return found


def load_images(images_nhwc: np.ndarray, device: torch.device) -> Tensor:
    """uint8 [b, 3, h, w] on the device."""
    # A copy: the images may lie in a read-only memory map.
    return torch.from_numpy(np.array(images_nhwc)).to(device).permute(0, 3, 1, 2)

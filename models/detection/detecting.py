"""Runs a detector over images: the part that training, evaluation and users share."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import batched_nms

from models.checkpoints import State, load_weights, require_kind
from models.configs import DeviceName, from_plain, require
from models.detection.anchors import anchor_grid
from models.detection.config import DetectorConfig
from models.detection.data import Detections
from models.detection.squeezedet import SqueezeDet, decode_boxes
from models.detection.weights import build_network
from models.devices import autocast, choose_device

MEAN_RGB = (0.485, 0.456, 0.406)  # ImageNet's, which torchvision's weights expect
STD_RGB = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Detector:
    """A network with what it needs to read images and to be read."""

    config: DetectorConfig
    network: SqueezeDet
    anchors_cxcywh: np.ndarray
    image_hw: tuple[int, int]
    device: torch.device


def place_detector(
    config: DetectorConfig,
    network: SqueezeDet,
    *,
    anchors_wh: np.ndarray,
    image_hw: tuple[int, int],
    device: torch.device,
) -> Detector:
    """Bring a network to its device and memory format and lay its anchors over images of this size."""
    memory = torch.channels_last if config.is_channels_last else torch.contiguous_format
    network = network.to(device=device, memory_format=memory)  # type: ignore[call-overload]
    anchors = anchor_grid(anchors_wh, grid_hw=network.grid_hw(image_hw), image_hw=image_hw)
    return Detector(config, network, anchors, image_hw, device)


def detect(
    state: State, images_nhwc: np.ndarray, *, batch_size: int = 8, device: DeviceName = "auto"
) -> list[Detections]:
    """What the best checkpoint in `state` finds in uint8 images [n, h, w, 3] of its input size, an entry an
    image.

    All detections come back; `state["best"]["threshold"]` is the score from which they count.
    """
    require_kind(state, "detector")
    require(
        state["best"] is not None,
        f"The detector was saved at step {state['step']}, before its first evaluation; take a later state.",
    )
    config = from_plain(DetectorConfig, state["config"])
    with torch.random.fork_rng(
        devices=[]
    ):  # the initial weights, drawn and then replaced, must not move the caller's
        network = build_network(config)
    load_weights(network, state["best"]["network"])
    detector = place_detector(
        config,
        network,
        anchors_wh=np.array(state["anchors_wh"]),
        image_hw=tuple(state["image_hw"]),
        device=choose_device(device),
    )
    return find_objects(detector, images_nhwc, batch_size=batch_size)


def find_objects(detector: Detector, images_nhwc: np.ndarray, *, batch_size: int) -> list[Detections]:
    """Detections of each image; ValueError if the images are not of the detector's input size."""
    height, width = detector.image_hw
    require(
        images_nhwc.shape[1:] == (height, width, 3) and images_nhwc.dtype == np.uint8,
        f"The detector reads uint8 images [n, {height}, {width}, 3], but these are {images_nhwc.dtype} "
        f"{list(images_nhwc.shape)}; resize them first.",
    )
    anchors = torch.from_numpy(detector.anchors_cxcywh).to(detector.device)
    was_training = detector.network.training
    detector.network.eval()
    found: list[Detections] = []
    with torch.inference_mode():
        for start in range(0, len(images_nhwc), batch_size):
            images = load_images(images_nhwc[start : start + batch_size], detector.device).float() / 255
            prediction = run_network(detector, images)
            found += [_read_out(each, anchors, detector) for each in prediction]
    detector.network.train(was_training)
    return found


def run_network(detector: Detector, images_bchw: Tensor) -> Tensor:
    """Prediction [b, a, n + 5] for float images in 0..1."""
    mean = torch.tensor(MEAN_RGB, device=images_bchw.device).view(3, 1, 1)
    std = torch.tensor(STD_RGB, device=images_bchw.device).view(3, 1, 1)
    memory = torch.channels_last if detector.config.is_channels_last else torch.contiguous_format
    images = ((images_bchw - mean) / std).contiguous(memory_format=memory)
    with autocast(detector.device, detector.config.precision):
        return detector.network(images)


def load_images(images_nhwc: np.ndarray, device: torch.device) -> Tensor:
    """uint8 [b, 3, h, w] on the device."""
    # A copy: the images may lie in a read-only memory map.
    return torch.from_numpy(np.array(images_nhwc)).to(device).permute(0, 3, 1, 2)


def _read_out(prediction: Tensor, anchors_cxcywh: Tensor, detector: Detector) -> Detections:
    """The `top_detections` best anchors of one image [a, n + 5], without those that a better one overlaps."""
    config = detector.config
    chance, labels = torch.softmax(prediction[:, :-5], dim=-1).max(-1)
    scores = torch.sigmoid(prediction[:, -5]) * chance
    scores, top = scores.topk(min(config.top_detections, len(scores)))
    boxes = decode_boxes(prediction[top, -4:], anchors_cxcywh[top], image_hw=detector.image_hw)
    kept = batched_nms(boxes, scores, labels[top], config.nms_iou)
    return Detections(boxes[kept].cpu().numpy(), scores[kept].cpu().numpy(), labels[top][kept].cpu().numpy())

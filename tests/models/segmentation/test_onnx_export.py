"""Segmenters as ONNX graphs, run by onnxruntime beside torch."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from models.configs import to_plain
from models.segmentation.applying import find_logits, load_segmenter, segment
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.segmentation.images import load_images
from models.segmentation.networks.registry import build_network
from models.segmentation.onnx_export import export_onnx
from models.training.checkpoints import State
from tests.models.segmentation.toy_street import HEIGHT_PX, WIDTH_PX, draw_set

IMAGES = draw_set(3, seed=2).images_nhwc  # 32 x 48, of which the width is no whole stride


def make_state(network: str, **changes: object) -> State:
    """A segmenter with random weights whose classes all occur."""
    # bf16: a training's precision, from which the graph must not take over anything.
    config = SegmentationConfig(network=network, num_classes=4, precision="bf16", **changes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        weights = build_network(config).state_dict()
    best = {"step": 7, "mean_iou": 0.75, "network": weights}
    return {
        "kind": "segmenter",
        "step": 9,
        "config": to_plain(config),
        "image_hw": [HEIGHT_PX, WIDTH_PX],
        "best": best,
    }


def spread_answers(state: State, bias: str) -> State:
    """Centre the logits by the last layer's bias, so that labels differ from pixel to pixel."""
    segmenter = load_segmenter(state, device="cpu", precision="fp32")
    with torch.inference_mode():
        logits = find_logits(segmenter, load_images(IMAGES, torch.device("cpu")))
    weights = dict(state["best"]["network"])
    weights[bias] = weights[bias] - logits.mean((0, 2, 3))
    return state | {"best": state["best"] | {"network": weights}}


@dataclass(frozen=True)
class Pair:
    """An exported graph, and what torch finds in float32 in images of its size."""

    session: onnxruntime.InferenceSession
    images: np.ndarray
    path: Path
    expected: np.ndarray
    has_levels: bool

    def find(self, image_hwc: np.ndarray) -> np.ndarray:
        return self.session.run(["labels"], {"images": image_hwc[None]})[0]


# The last layer's bias, what differs in the configuration, and the size of the graph's images.
CASES = {
    "erfnet": ("output.bias", {"width": 0.25}, None),
    "levels": ("output.bias", {"width": 0.25, "losses": SegmentationLosses(pixel="binary")}, (24, 40)),
    "unet": ("output.bias", {"width": 0.25}, None),
    "lraspp_mobilenet_v3_large": ("classifier.high_classifier.bias", {}, None),
}


@pytest.fixture(scope="module", params=CASES)
def pair(request, tmp_path_factory) -> Pair:
    bias, changes, image_hw = CASES[request.param]
    network = "erfnet" if request.param == "levels" else request.param
    state = spread_answers(make_state(network, **changes), bias)
    path = tmp_path_factory.mktemp(request.param) / "segmenter.onnx"
    export_onnx(state, path, notes={"classes": ["sky", "road", "car", "tree"]}, image_hw=image_hw)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    height, width = image_hw or (HEIGHT_PX, WIDTH_PX)
    images = IMAGES[:, :height, :width]
    segmenter = load_segmenter(state, device="cpu", precision="fp32")
    return Pair(session, images, path, segment(segmenter, images), request.param == "levels")


def test_onnxruntime_reads_the_labels_that_torch_reads(pair):
    assert len(np.unique(pair.expected)) >= 3
    for image, expected in zip(pair.images, pair.expected, strict=True):
        found = pair.find(image)
        assert found.shape == (1, *image.shape[:2]) and found.dtype == np.uint8
        # Where two classes are as likely to the last digit, rounding decides.
        assert (found[0] != expected).mean() < 2e-3


def test_the_file_says_what_a_program_must_know_and_nothing_of_where_it_was_written(pair):
    metadata = pair.session.get_modelmeta().custom_metadata_map
    values = {name: json.loads(value) for name, value in metadata.items()}
    assert values.pop("network") in CASES
    assert values == {
        "form": "verisim-segmenter-1",
        "height_px": pair.images.shape[1],
        "width_px": pair.images.shape[2],
        "num_classes": 4,
        "has_levels": pair.has_levels,
        "val_mean_iou": 0.75,
        "checkpoint_step": 7,
        "classes": ["sky", "road", "car", "tree"],
    }
    assert pair.session.get_inputs()[0].shape == [1, *pair.images.shape[1:]]
    content = pair.path.read_bytes()
    assert b"stack_trace" not in content
    assert str(Path(__file__).parents[3]).encode() not in content

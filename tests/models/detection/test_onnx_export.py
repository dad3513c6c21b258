"""Detectors as ONNX graphs, run by onnxruntime beside torch."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from models.configs import to_plain
from models.detection.config import DetectorConfig
from models.detection.data import Detections
from models.detection.detecting import detect, load_detector
from models.detection.networks.grid_detector import GridDetector
from models.detection.onnx_export import export_onnx
from models.detection.weights import build_network
from models.training.checkpoints import State
from tests.models.detection.toy_ellipses import HEIGHT_PX, WIDTH_PX, draw_set

IMAGES = np.concatenate((draw_set(4, seed=2).images_nhwc, np.full((1, HEIGHT_PX, WIDTH_PX, 3), 90, np.uint8)))


def make_state(network: str, **changes: object) -> State:
    """A detector of two classes with random weights."""
    # bf16: a training's precision, from which the graph must not take over anything.
    config = DetectorConfig(
        network=network, anchors_per_cell=3, num_classes=2, nms_iou=0.2, precision="bf16", **changes
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        weights = build_network(config).state_dict()
    return {
        "kind": "detector",
        "step": 9,
        "config": to_plain(config),
        "anchors_wh": [[30.0, 24.0], [40.0, 52.0], [64.0, 48.0]],
        "image_hw": [HEIGHT_PX, WIDTH_PX],
        "best": {"step": 7, "f1": 0.75, "threshold": 0.5, "network": weights},
    }


def spread_answers(state: State) -> State:
    """Scale the last layer so that its logits have a deviation of 1: scores and boxes that differ from cell to cell."""
    detector = load_detector(state, device="cpu", precision="fp32")
    assert isinstance(detector, GridDetector)
    detector.network.eval()
    with torch.inference_mode():
        prediction = detector.run(torch.from_numpy(IMAGES).permute(0, 3, 1, 2) / 255)
    weights = state["best"]["network"]
    scaled = weights["detect.weight"] / prediction.std()
    return state | {"best": state["best"] | {"network": weights | {"detect.weight": scaled}}}


@dataclass(frozen=True)
class Pair:
    """An exported graph, and what torch finds in IMAGES in float32."""

    session: onnxruntime.InferenceSession
    path: Path
    expected: list[Detections]

    def find(self, image_hwc: np.ndarray) -> list[np.ndarray]:
        return self.session.run(["boxes_xyxy", "scores", "labels"], {"images": image_hwc[None]})


@pytest.fixture(
    scope="module", params=[("squeezedet", True), ("squeezedet_plus", False)], ids=lambda each: each[0]
)
def pair(request, tmp_path_factory) -> Pair:
    network, has_batch_norm = request.param
    state = spread_answers(make_state(network, has_batch_norm=has_batch_norm))
    path = tmp_path_factory.mktemp(network) / "detector.onnx"
    export_onnx(state, path, notes={"classes": ["person", "head"]})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return Pair(session, path, detect(state, IMAGES, device="cpu", precision="fp32"))


def test_onnxruntime_finds_what_torch_finds(pair):
    assert all(0 < len(found.scores) < 64 for found in pair.expected)  # some of the 64 best overlapped others
    for image, expected in zip(IMAGES, pair.expected, strict=True):
        boxes, scores, labels = pair.find(image)
        np.testing.assert_allclose(boxes, expected.boxes_xyxy, atol=1e-3)
        np.testing.assert_allclose(scores, expected.scores, atol=1e-4)
        np.testing.assert_array_equal(labels, expected.labels)


def test_both_find_nothing_in_the_same_image(pair):
    best = [found.scores.max() for found in pair.expected]
    threshold = np.mean(np.sort(best)[:2])  # between the two images with the least sure detections
    counts = [int((pair.find(image)[1] >= threshold).sum()) for image in IMAGES]
    assert counts == [int((found.scores >= threshold).sum()) for found in pair.expected]
    assert counts.count(0) == 1


def test_the_file_says_what_a_program_must_know_and_nothing_of_where_it_was_written(pair):
    metadata = pair.session.get_modelmeta().custom_metadata_map
    values = {name: json.loads(value) for name, value in metadata.items()}
    assert values.pop("network") in ("squeezedet", "squeezedet_plus")
    assert values == {
        "form": "verisim-detector-1",
        "height_px": 96,
        "width_px": 128,
        "threshold": 0.5,
        "val_f1": 0.75,
        "checkpoint_step": 7,
        "classes": ["person", "head"],
    }
    assert pair.session.get_inputs()[0].shape == [1, 96, 128, 3]
    content = pair.path.read_bytes()
    assert b"stack_trace" not in content
    assert str(Path(__file__).parents[3]).encode() not in content


def test_a_network_without_a_graph_is_refused_in_one_line(tmp_path):
    config = DetectorConfig(network="ssdlite320_mobilenet_v3_large", anchors_per_cell=3, num_classes=2)
    state = make_state("squeezedet") | {"config": to_plain(config)}
    state["anchors_wh"] = np.full((6, 3, 2), 20.0).tolist()
    state["best"] = state["best"] | {"network": build_network(config).state_dict()}
    with pytest.raises(
        ValueError, match=r"ssdlite320.* cannot be written as ONNX, only squeezedet and squeezedet_plus"
    ):
        export_onnx(state, tmp_path / "detector.onnx", notes={})

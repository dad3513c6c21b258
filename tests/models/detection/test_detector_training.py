from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.models import squeezenet1_1

from models.configs import WeightsFile
from models.detection.config import AugmentationConfig, DetectorConfig, LossWeights
from models.detection.data import DetectionSet
from models.detection.detecting import detect
from models.detection.networks import grid_detector
from models.detection.scoring.metrics import match_set, quality_at
from models.detection.training import train_detector
from models.detection.weights import build_started_network
from models.training import supervised
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.loss_log import TrainingDivergedError
from tests.models.detection.toy_ellipses import draw_set
from tests.models.processor import needs_native_bf16

TINY = DetectorConfig(
    anchors_per_cell=2,
    steps=6,
    batch_size=2,
    device="cpu",
    report_every_steps=3,
    eval_every_steps=3,
    checkpoint_every_steps=3,
)
FASTERRCNN = "fasterrcnn_mobilenet_v3_large_320_fpn"
TRAIN, VAL = draw_set(5, seed=0), draw_set(4, seed=1)


def run(
    config: DetectorConfig, *, seed: int = 5, train=TRAIN, val=VAL, resume=None, saved=None, reports=None
):
    saved, reports = [] if saved is None else saved, [] if reports is None else reports
    return train_detector(
        config, train, val, seed=seed, resume=resume, save=saved.append, report=reports.append
    )


def assert_same(first: object, second: object) -> None:
    if isinstance(first, torch.Tensor):
        assert torch.equal(first, second)
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_same(first[key], second[key])
    elif isinstance(first, list):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"has_batch_norm": True},
        pytest.param({"network": "squeezedet_plus"}, marks=pytest.mark.slow),
        {"network": "ssdlite320_mobilenet_v3_large"},
        pytest.param({"network": FASTERRCNN}, marks=pytest.mark.slow),
        pytest.param({"network": "retinanet"}, marks=pytest.mark.slow),
        pytest.param({"network": "fcos", "anchors_per_cell": 9}, marks=pytest.mark.slow),
    ],
    ids=lambda changes: "-".join(map(str, changes.values())) or "squeezedet",
)
def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path, changes):
    config = replace(TINY, **changes)
    saved: list[dict] = []
    whole = run(config, saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    resumed_saves: list[dict] = []
    rest = run(config, resume=load_checkpoint(tmp_path / "half.pt", kind="detector"), saved=resumed_saves)
    assert saved[0]["step"] == 3
    assert_same(rest, whole)
    for name, state in {
        "rest": rest,
        "whole": whole,
        "rest end": resumed_saves[-1],
        "end": saved[-1],
    }.items():
        save_checkpoint(tmp_path / f"{name}.pt", state)
    assert (tmp_path / "rest.pt").read_bytes() == (tmp_path / "whole.pt").read_bytes()
    assert (tmp_path / "rest end.pt").read_bytes() == (tmp_path / "end.pt").read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    first, again, other = run(TINY), run(TINY), run(TINY, seed=6)
    assert_same(first, again)
    name = "detect.weight"
    assert not torch.equal(first["best"]["network"][name], other["best"]["network"][name])


def test_training_and_detecting_leave_the_callers_random_state_alone():
    before = torch.get_rng_state()
    detect(run(replace(TINY, steps=2)), VAL.images_nhwc)
    assert torch.equal(before, torch.get_rng_state())


def test_reports_hold_losses_and_validations():
    reports: list[dict] = []
    state = run(TINY, reports=reports)
    validations = [entry for entry in reports if "val_f1" in entry]
    assert [entry["step"] for entry in validations] == [3, 6]
    # steps 1 and 4 say alone that they are done: how long the rest takes is known early
    early, full = (
        [entry for entry in reports if (len(entry) == 3) is is_early] for is_early in (True, False)
    )
    assert [entry["step"] for entry in early] == [1, 4]
    assert {"box", "object_confidence", "empty_confidence", "class_label"} <= full[0].keys()
    assert state["history"] == full
    assert state["best"]["f1"] == max(entry["val_f1"] for entry in validations)


def test_a_loss_that_is_not_finite_stops_with_its_step(monkeypatch):
    monkeypatch.setattr(
        supervised, "learning_rate_at", lambda step, config: float("nan") if step == 3 else 1e-3
    )
    saved: list[dict] = []
    with pytest.raises(TrainingDivergedError, match="not finite at step 5"):
        run(replace(TINY, eval_every_steps=10), saved=saved)
    assert [state["step"] for state in saved] == [3]


def test_a_state_of_another_run_is_not_resumed():
    saved: list[dict] = []
    finished = run(TINY, saved=saved)
    with pytest.raises(ValueError, match="trained with seed 5, but this run has 6"):
        run(TINY, seed=6, resume=saved[0])
    with pytest.raises(ValueError, match="finished model"):
        run(TINY, resume=finished)


def test_sets_that_cannot_be_trained_on_are_refused_with_the_reason():
    empty = DetectionSet(VAL.images_nhwc, [np.zeros((0, 4))] * len(VAL))
    with pytest.raises(ValueError, match="validation set has no boxes in its 4 images"):
        run(TINY, val=empty)
    inverted = DetectionSet(VAL.images_nhwc, [*VAL.boxes_xyxy[:3], np.array([[9, 9, 3, 3]])])
    with pytest.raises(ValueError, match="box of training image 3 is empty"):
        run(TINY, train=inverted)
    with pytest.raises(ValueError, match="4 images, but boxes for 3"):
        run(TINY, val=DetectionSet(VAL.images_nhwc, VAL.boxes_xyxy[:3]))
    smaller = DetectionSet(VAL.images_nhwc[:, :64], VAL.boxes_xyxy)
    with pytest.raises(ValueError, match="128 x 96 px and the validation images 128 x 64 px"):
        run(TINY, val=smaller)
    with pytest.raises(ValueError, match=r"must be one of 0\.\.0"):
        run(TINY, train=replace(TRAIN, labels=[np.ones(len(boxes)) for boxes in TRAIN.boxes_xyxy]))


def test_a_detector_refuses_images_of_another_size():
    with pytest.raises(ValueError, match="resize them first"):
        detect(run(replace(TINY, steps=2)), VAL.images_nhwc[:, :64])


def test_starting_weights_from_a_file_reach_the_backbone_and_are_recorded(tmp_path):
    torch.manual_seed(0)
    torch.save(squeezenet1_1(weights=None).state_dict(), tmp_path / "backbone.pt")
    expected = torch.load(tmp_path / "backbone.pt", weights_only=True)["features.0.weight"]
    for has_batch_norm in (False, True):
        config = replace(
            TINY, has_batch_norm=has_batch_norm, weights=WeightsFile(path=str(tmp_path / "backbone.pt"))
        )
        network, origin = build_started_network(config)
        assert torch.equal(next(network.backbone.parameters()), expected)
        assert origin["source"] == "path"
        assert len(origin["sha256"]) == 64


def test_a_detector_of_ours_is_a_starting_weight_for_other_anchors(tmp_path):
    state = run(replace(TINY, steps=2))
    save_checkpoint(tmp_path / "detector.pt", state)
    weights = WeightsFile(path=str(tmp_path / "detector.pt"))
    network, _ = build_started_network(replace(TINY, anchors_per_cell=5, weights=weights))
    assert torch.equal(network.extra[1].squeeze.weight, state["best"]["network"]["extra.1.squeeze.weight"])
    assert network.detect.out_channels == 5 * 6


def test_a_file_without_weights_is_refused_in_one_line(tmp_path):
    (tmp_path / "note.pt").write_text("not weights")
    torch.save({"something": torch.zeros(1)}, tmp_path / "other.pt")
    for name, message in (
        ("note.pt", "not a file of tensors"),
        ("other.pt", "holds neither"),
        ("none.pt", "no weights file"),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            build_started_network(replace(TINY, weights=WeightsFile(path=str(tmp_path / name))))
        assert "\n" not in str(caught.value)


@needs_native_bf16
def test_bf16_in_channels_last_finds_what_float32_finds():
    state = run(replace(TINY, steps=4))
    exact = state | {"config": state["config"] | {"is_channels_last": False}}
    fast = detect(state, VAL.images_nhwc, precision="bf16")
    slow = detect(exact, VAL.images_nhwc, precision="fp32")
    for one, other in zip(fast, slow, strict=True):
        assert one.scores.max() == pytest.approx(other.scores.max(), abs=0.02)


LEARNING = DetectorConfig(
    has_batch_norm=True,
    dropout=0.0,
    learning_rate=2e-3,
    losses=LossWeights(object_confidence=30.0),
    augmentation=AugmentationConfig(brightness=0.1, contrast=0.2, gamma=0.2),
    steps=600,
    eval_every_steps=300,
    report_every_steps=100,
    device="cpu",
)


def test_a_detector_learns_to_find_ellipses_it_has_not_seen():
    state = run(LEARNING, seed=0, train=draw_set(500, seed=0), val=draw_set(60, seed=1))
    unseen = draw_set(60, seed=2)
    found = quality_at(match_set(detect(state, unseen.images_nhwc), unseen), state["best"]["threshold"])
    assert state["best"]["f1"] >= 0.8
    assert found.f1 >= 0.7, "the threshold from validation holds for images that chose nothing"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "zoom", "least_f1"),
    [
        # Its finest cells are 32 px, and ellipses 12 to 28 px: seen twice as large they fill one.
        ({"network": FASTERRCNN, "steps": 240, "batch_size": 4}, 2, 0.45),
        ({"network": "fcos", "anchors_per_cell": 9, "steps": 60}, 1, 0.5),
        ({"network": "ssdlite320_mobilenet_v3_large", "steps": 450, "learning_rate": 2e-3}, 1, 0.7),
        ({"network": "retinanet", "steps": 150, "learning_rate": 2e-3}, 1, 0.6),
    ],
    ids=["fasterrcnn", "fcos", "ssdlite", "retinanet"],
)
def test_torchvisions_detectors_learn_to_find_them_too(changes, zoom, least_f1):
    config = DetectorConfig(augmentation=LEARNING.augmentation, device="cpu", report_every_steps=50)
    config = replace(config, eval_every_steps=changes["steps"] // 3, **changes)
    train, val, unseen = (
        zoomed(draw_set(count, seed=seed), zoom) for count, seed in ((500, 0), (60, 1), (60, 2))
    )
    state = run(config, seed=0, train=train, val=val)
    found = quality_at(match_set(detect(state, unseen.images_nhwc), unseen), state["best"]["threshold"])
    assert state["best"]["f1"] >= least_f1
    assert found.f1 >= least_f1, "the threshold from validation holds for images that chose nothing"


def zoomed(data: DetectionSet, factor: int) -> DetectionSet:
    """Every pixel `factor` times in both directions."""
    images = data.images_nhwc.repeat(factor, axis=1).repeat(factor, axis=2)
    return DetectionSet(images, [boxes * factor for boxes in data.boxes_xyxy])


def test_a_detector_with_the_sign_of_its_loss_turned_does_not_learn(monkeypatch):
    right = grid_detector.weighted_sum
    monkeypatch.setattr(grid_detector, "weighted_sum", lambda *args: -right(*args))
    try:
        f1 = run(replace(LEARNING, steps=60), seed=0, train=draw_set(50, seed=0), val=draw_set(20, seed=1))[
            "best"
        ]["f1"]
    except TrainingDivergedError:
        f1 = 0.0
    assert f1 < 0.1

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from models.cycle_segmentation.applying import CycleSegmenter, answer, load_cycle_segmenter
from models.cycle_segmentation.config import CycleSegmentationConfig
from models.cycle_segmentation.training import (
    cycle_task,
    segmenter_state,
    train_cycle_segmenter,
    validate,
)
from models.segmentation.applying import load_segmenter, segment
from models.segmentation.data import SegmentationSet
from models.segmentation.onnx_export import export_onnx
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.supervised import Hooks, start_training, train_step
from tests.models.cycle_segmentation.toy_cycles import TINY, draw_sets, with_cycle, with_noise
from tests.models.segmentation.toy_street import CLASSES, draw_set

SETS = draw_sets()
# A pool that is full after two steps, so that images of before a resume are returned after it.
SMALL_POOL = with_cycle(pool_images=3)
# From torch's own start, reconstructions drown the gradients of labels for hundreds of steps.
LEARNING = replace(
    TINY, initial_weights="normal", learning_rate=1e-2, steps=60, eval_every_steps=60, report_every_steps=15
)


def train(config: CycleSegmentationConfig, *, sets=SETS, seed=5, resume=None, saved=None) -> dict:
    hooks = Hooks(save=([] if saved is None else saved).append)
    return train_cycle_segmenter(config, sets, seed=seed, resume=resume, hooks=hooks)


def file_of(state: dict, path) -> bytes:
    save_checkpoint(path, state)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("config", "unpaired"),
    [
        (with_noise(SMALL_POOL, kind="gaussian", snr_db=3.0), False),
        (replace(with_noise(SMALL_POOL, kind="quantization"), ema_decay=0.8, class_weights="erfnet"), True),
        (replace(TINY, cycle=None), False),
    ],
    ids=["gaussian", "quantization_ema_unpaired", "alone"],
)
def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path, config, unpaired):
    sets = SETS
    if unpaired:
        sets = draw_sets(
            images_only=draw_set(4, seed=2).images_nhwc, labels_only=draw_set(4, seed=3).labels_nhw
        )
    saved: list[dict] = []
    rest_saved: list[dict] = []
    whole = train(config, sets=sets, saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    half = load_checkpoint(tmp_path / "half.pt", kind="cycle_segmenter")
    assert half["step"] == 3
    rest = train(config, sets=sets, resume=half, saved=rest_saved)
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")
    assert file_of(rest_saved[-1], tmp_path / "rest.pt") == file_of(saved[-1], tmp_path / "whole.pt")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    short = replace(with_noise(kind="gaussian"), steps=1)
    first, again, other = (file_of(train(short, seed=seed), tmp_path / "state.pt") for seed in (5, 5, 6))
    assert first == again != other


def test_a_training_with_other_noise_is_not_resumed():
    saved: list[dict] = []
    train(replace(TINY, steps=3), saved=saved)
    with pytest.raises(ValueError, match=r"config.cycle.noise.kind none, but this run has max_only"):
        train(replace(with_noise(kind="max_only"), steps=3), resume=saved[0])


def test_noise_is_drawn_anew_in_every_step():
    config = with_noise(LEARNING, kind="gaussian", snr_db=-10.0)
    training = start_training(
        cycle_task(config, SETS, seed=0), config.training(num_images=len(SETS.paired)), seed=0
    )
    for module in training.task.network.modules():
        if isinstance(module, torch.nn.Dropout2d):
            module.p = 0.0  # which draws anew too
    batch = training.task.draw(0)
    losses = []
    for training.step in (0, 1, 0):
        found = train_step(training, batch, learning_rate=1e-9)
        losses.append(found["image_reconstruction"].item())
    assert losses[0] == pytest.approx(losses[2], abs=1e-5)
    assert abs(losses[0] - losses[1]) > 1e-4


def test_alone_and_in_a_cycle_a_segmenter_starts_alike_and_sees_the_same():
    alone, cycle = (cycle_task(config, SETS, seed=3) for config in (replace(TINY, cycle=None), TINY))
    starts = [task.network.get_submodule("segmenter").state_dict() for task in (alone, cycle)]
    assert all(torch.equal(value, starts[1][name]) for name, value in starts[0].items())
    for number in (0, 7):
        batches = alone.draw(number), cycle.draw(number)
        assert torch.equal(batches[0].images_bchw, batches[1].images_bchw)
        assert torch.equal(batches[0].labels_bhw, batches[1].labels_bhw)
    configs = [each.training(num_images=12) for each in (replace(TINY, cycle=None), TINY)]
    assert configs[0] == configs[1]


def test_class_weights_are_those_of_the_paired_labels_and_are_told():
    weighted = replace(TINY, steps=1, class_weights="erfnet")
    counts = np.bincount(SETS.paired.labels_nhw.ravel(), minlength=256)[:CLASSES]
    # ERFNet: 1 / log(1.1 + share)
    expected = 1 / np.log(1.1 + counts / counts.sum())
    state = train(weighted)
    assert state["class_weights"] == pytest.approx(expected.tolist())
    assert train(replace(TINY, steps=1))["class_weights"] is None


def test_the_history_holds_all_losses_and_all_figures_of_a_cycle():
    history = train(with_noise(kind="gaussian", snr_db=6.0))["history"]
    losses = {
        "segmentation",
        "image_reconstruction",
        "adversarial",
        "label_reconstruction",
        "discriminator",
    }
    assert [entry["step"] for entry in history if losses <= entry.keys()] == [2, 3, 4, 6]
    found = [entry for entry in history if "val_mean_iou" in entry]
    assert [entry["step"] for entry in found] == [3, 6]
    for name in ("mean_iou_with_void", "psnr_db", "snr_db", "saturated_share", "probe_drop_db"):
        assert all(np.isfinite(entry[f"val_{name}"]) for entry in found), name
    assert found[0]["val_snr_db"] == pytest.approx(6.0, abs=0.1)
    without = train(replace(TINY, steps=1))["best"]
    assert "psnr_db" in without and "snr_db" not in without
    assert "psnr_db" not in train(replace(TINY, steps=1, cycle=None))["best"]


class Answering(torch.nn.Module):
    """Gives each image's red as the likelihood of class 0, green of class 1, and blue of void."""

    def forward(self, images_bchw: torch.Tensor) -> torch.Tensor:
        return images_bchw


def test_validation_counts_void_as_a_class_in_one_figure_and_not_at_all_in_the_other():
    config = replace(TINY, cycle=None, num_classes=2, batch_size=2)
    images = np.zeros((3, 32, 32, 3), np.uint8)
    images[..., 0] = 100
    images[0, :16, :, 1] = 200  # class 1 above
    images[1, :16, :, 2] = 200  # void above; of the real classes 0
    labels = np.zeros((3, 32, 32), np.uint8)
    labels[0, :8] = 1
    labels[1, :16] = 255
    segmenter = CycleSegmenter(config, torch.nn.ModuleDict({"segmenter": Answering()}), torch.device("cpu"))
    figures = validate(segmenter, SegmentationSet(images, labels))
    # Rows that are right for class 0: 16, 16 and 32 of the three images; 8 more are taken for class 1, which is right in 8.
    zero, one = 64 / 72, 8 / 16
    assert figures["mean_iou"] == pytest.approx((zero + one) / 2)
    assert figures["mean_iou_with_void"] == pytest.approx((zero + one + 1) / 3)
    assert figures["pixel_accuracy"] == pytest.approx(72 / 80)


@pytest.fixture(scope="module")
def learned() -> dict:
    """A finished training of a cycle without noise, which tells sky from road."""
    torch.set_num_threads(1)
    return train(LEARNING)


def test_a_cycle_learns_to_segment_and_to_reconstruct(learned):
    reports = [entry for entry in learned["history"] if "segmentation" in entry]
    first, last = reports[0], reports[-1]
    for name in ("segmentation", "image_reconstruction", "label_reconstruction"):
        assert last[name] < 0.7 * first[name], name
    assert learned["best"]["mean_iou"] > 0.5
    # With the statistics of both cycles, mixed, it is far less.
    assert learned["best"]["psnr_db"] > 12.5


def test_the_finished_segmenter_is_an_ordinary_one(learned):
    images = draw_set(4, seed=9).images_nhwc
    ordinary = load_segmenter(segmenter_state(learned), device="cpu", precision="fp32")
    found = segment(ordinary, images)
    cycle = load_cycle_segmenter(learned, device="cpu", precision="fp32")
    np.testing.assert_array_equal(found, answer(cycle, images, seed=0).labels_nhw)
    assert len(np.unique(found)) >= 2
    assert ordinary.config.num_classes == CLASSES and ordinary.image_hw == (32, 48)
    with torch.inference_mode():
        logits = ordinary.network(torch.zeros(1, 3, 32, 48))
    assert logits.shape[1] == CLASSES


def test_the_finished_segmenter_goes_to_onnx_with_its_own_range_of_pixels(learned, tmp_path):
    state, images = segmenter_state(learned), draw_set(3, seed=9).images_nhwc
    export_onnx(state, tmp_path / "segmenter.onnx", notes={})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        tmp_path / "segmenter.onnx", options, providers=["CPUExecutionProvider"]
    )
    expected = segment(load_segmenter(state, device="cpu", precision="fp32"), images)
    assert len(np.unique(expected)) >= 2
    for image, labels in zip(images, expected, strict=True):
        found = session.run(["labels"], {"images": image[None]})[0][0]
        # Where two classes are as likely to the last digit, rounding decides.
        assert (found != labels).mean() < 2e-3

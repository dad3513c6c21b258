from dataclasses import replace

import numpy as np
import pytest
import torch

from models.augmentation.config import IGNORE_LABEL, GeometricConfig, PhotometricConfig
from models.segmentation.applying import load_segmenter, segment
from models.segmentation.config import SegmentationAugmentation, SegmentationConfig, SegmentationLosses
from models.segmentation.data import SegmentationSet
from models.segmentation.drawing import draw_batch
from models.segmentation.evaluation import confusion_matrices, figures
from models.segmentation.networks.registry import build_network
from models.segmentation.training import find_losses, segmentation_task, train_segmenter, weigh
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.supervised import Hooks, evaluate, start_training
from tests.models.segmentation.toy_street import CAR, CLASSES, ROAD, SKY, draw_set, draw_splits

TINY = SegmentationConfig(
    steps=6,
    batch_size=4,
    num_classes=CLASSES,
    width=0.25,
    learning_rate=5e-3,
    warmup_steps=2,
    precision="fp32",
    device="cpu",
    augmentation=SegmentationAugmentation(
        geometric=GeometricConfig(smallest_scale=0.8, largest_scale=1.25, crop_hw=(24, 32))
    ),
    report_every_steps=2,
    eval_every_steps=3,
    checkpoint_every_steps=3,
)
SPLITS = draw_splits()


def train(config: SegmentationConfig, *, seed=5, resume=None, saved=None, splits=SPLITS) -> dict:
    hooks = Hooks(save=([] if saved is None else saved).append)
    return train_segmenter(config, splits, seed=seed, resume=resume, hooks=hooks)


def file_of(state: dict, path) -> bytes:
    save_checkpoint(path, state)
    return path.read_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {},  # ERFNet has batch norm and dropout
        {"ema_decay": 0.8, "losses": SegmentationLosses(pixel="combined", class_weights="erfnet")},
        {"network": "lraspp_mobilenet_v3_large", "width": 1.0, "backbone_rate_factor": 0.1},
    ],
    ids=["erfnet", "ema_combined", "lraspp_groups"],
)
def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path, changes):
    config = replace(TINY, **changes)
    saved: list[dict] = []
    whole = train(config, saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    half = load_checkpoint(tmp_path / "half.pt", kind="segmenter")
    assert half["step"] == 3
    rest = train(config, resume=half)
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    short = replace(TINY, steps=2)
    first, again, other = (file_of(train(short, seed=seed), tmp_path / "state.pt") for seed in (5, 5, 6))
    assert first == again != other


def test_a_training_of_another_configuration_is_not_resumed():
    saved: list[dict] = []
    train(TINY, saved=saved)
    with pytest.raises(
        ValueError, match=r"trained with config.losses.pixel cross_entropy, but this run has focal"
    ):
        train(replace(TINY, losses=SegmentationLosses(pixel="focal")), resume=saved[0])


# ERFNet at its full width, in the light as it is, learns in fewer steps.
LONG = replace(
    TINY,
    steps=100,
    width=1.0,
    learning_rate=2e-3,
    augmentation=replace(TINY.augmentation, photometric=None),
    eval_every_steps=50,
    checkpoint_every_steps=100,
    report_every_steps=50,
)


def mean_iou(state: dict, data: SegmentationSet) -> float:
    found = segment(load_segmenter(state, device="cpu", precision="fp32"), data.images_nhwc)
    return figures(confusion_matrices(data.labels_nhw, found, num_classes=CLASSES)).mean_iou


@pytest.fixture(scope="module")
def trained() -> dict:
    return train(LONG)


def test_a_network_learns_to_read_streets_it_has_not_seen_and_from_other_labels_it_does_not(trained):
    unseen = draw_set(8, seed=2)
    others = replace(SPLITS.train, labels_nhw=np.roll(SPLITS.train.labels_nhw, 1, axis=0))
    misled = train(replace(LONG, steps=60), splits=replace(SPLITS, train=others))
    assert mean_iou(trained, unseen) > 0.75
    assert mean_iou(misled, unseen) < 0.6


def test_the_best_weights_are_those_of_the_best_mean_iou_on_the_validation_set(trained):
    scores = {entry["step"]: entry["val_mean_iou"] for entry in trained["history"] if "val_mean_iou" in entry}
    best = trained["best"]
    assert set(scores) == {50, 100}
    assert best["mean_iou"] == max(scores.values()) == scores[best["step"]]
    assert mean_iou(trained, SPLITS.val) == pytest.approx(best["mean_iou"], abs=1e-6)
    assert {"pixel_accuracy", "class_accuracy", "frequency_weighted_iou"} <= set(best)


def test_levels_are_learned_as_steps_in_their_order():
    state = train(replace(LONG, losses=SegmentationLosses(pixel="binary")))
    assert state["best"]["network"]["output.bias"].shape == (CLASSES - 1,)
    assert mean_iou(state, draw_set(8, seed=2)) > 0.65


def test_label_maps_lie_as_their_images_do():
    # Each class has a colour of its own, so that the nearest pixel of an image tells its label.
    colors = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255)], np.uint8)
    labels = draw_set(6, seed=3).labels_nhw
    labels = np.where(labels == IGNORE_LABEL, CAR, labels)
    data = SegmentationSet(colors[labels], labels)
    lay = GeometricConfig(
        rotation="half_turn", tilt_deg=20, smallest_scale=0.7, largest_scale=1.5, crop_hw=(24, 40)
    )
    config = replace(TINY, augmentation=SegmentationAugmentation(geometric=lay, photometric=None))
    images, drawn = draw_batch(config, data, seed=0, number=0)
    assert images.shape == (4, 3, 24, 40) and drawn.shape == (4, 24, 40) and drawn.dtype == torch.int64
    assert set(drawn.unique().tolist()) == {SKY, ROAD, CAR, IGNORE_LABEL}
    # Where an image is one colour alone, no border or mixture; the rest is what lies between two pixels.
    is_plain = (images.amax(1) > 0.99) & (drawn != IGNORE_LABEL)
    assert is_plain.float().mean() > 0.6
    assert torch.equal(images.argmax(1)[is_plain], drawn[is_plain])


def test_batches_are_a_function_of_seed_and_number_and_the_light_leaves_the_geometry_alone():
    plain = replace(TINY, augmentation=replace(TINY.augmentation, photometric=None))
    lit = replace(
        TINY, augmentation=replace(TINY.augmentation, photometric=PhotometricConfig(brightness=0.5))
    )
    first, again, later = (draw_batch(plain, SPLITS.train, seed=1, number=number) for number in (0, 0, 1))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[1], later[1])
    images, labels = draw_batch(lit, SPLITS.train, seed=1, number=0)
    assert torch.equal(labels, first[1]) and not torch.equal(images, first[0])


def test_an_epoch_shows_every_image_once():
    data = SegmentationSet(np.zeros((8, 16, 16, 3), np.uint8), np.zeros((8, 16, 16), np.uint8))
    data.images_nhwc[:] = np.arange(8).reshape(-1, 1, 1, 1)
    config = replace(
        TINY, augmentation=SegmentationAugmentation(geometric=GeometricConfig(), photometric=None)
    )
    seen = [draw_batch(config, data, seed=0, number=number)[0][:, 0, 0, 0] * 255 for number in (0, 1)]
    assert sorted(torch.cat(seen).round().int().tolist()) == list(range(8))


def test_objectives_are_made_of_the_losses_as_configured():
    network = build_network(TINY)
    batch = draw_batch(TINY, SPLITS.train, seed=0, number=0)

    def losses_of(**changes) -> tuple[dict[str, float], float]:
        config = replace(TINY, losses=SegmentationLosses(**changes))
        found = find_losses(config, network.eval(), batch, weights_c=None)
        return {name: loss.item() for name, loss in found.items()}, weigh(config, found).item()

    plain, objective = losses_of()
    assert set(plain) == {"cross_entropy"} and objective == plain["cross_entropy"]
    focal, objective = losses_of(pixel="focal")
    assert set(focal) == {"focal"} and objective == focal["focal"]
    both, objective = losses_of(pixel="combined", cross_entropy_share=0.25, region="dice", region_weight=2.0)
    assert set(both) == {"cross_entropy", "focal", "dice"}
    expected = 0.25 * both["cross_entropy"] + 0.75 * both["focal"] + 2 * both["dice"]
    assert objective == pytest.approx(expected, rel=1e-6)
    assert both["cross_entropy"] == pytest.approx(plain["cross_entropy"], rel=1e-6)
    assert set(losses_of(region="lovasz")[0]) == {"cross_entropy", "lovasz"}


def test_class_weights_are_those_of_the_training_pixels_and_are_told():
    labels = SPLITS.train.labels_nhw
    shares = np.array([(labels == label).sum() for label in range(CLASSES)]) / (labels != IGNORE_LABEL).sum()
    config = replace(TINY, steps=1, losses=SegmentationLosses(class_weights="enet"))
    state = train(config)
    np.testing.assert_allclose(state["class_weights"], 1 / np.log(1.02 + shares))
    assert train(replace(TINY, steps=1))["class_weights"] is None


def test_a_backbone_learns_at_its_own_rate():
    config = replace(
        TINY,
        network="lraspp_mobilenet_v3_large",
        width=1.0,
        backbone_rate_factor=0.0,
        weight_decay=0.0,
        steps=1,
        warmup_steps=0,
    )
    task = segmentation_task(config, SPLITS, seed=5)
    before = {name: value.detach().clone() for name, value in task.network.named_parameters()}
    state = train(config)
    after = state["best"]["network"]
    moved = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert moved and all(name.startswith("classifier.") for name in moved)


def test_sets_and_crops_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"validation image 0 must be in 0\.\.1 or 255"):
        train(
            replace(TINY, num_classes=2),
            splits=replace(
                SPLITS,
                train=SegmentationSet(SPLITS.train.images_nhwc, np.minimum(SPLITS.train.labels_nhw, 1)),
            ),
        )
    tiny = replace(TINY, augmentation=SegmentationAugmentation(geometric=GeometricConfig(crop_hw=(8, 32))))
    with pytest.raises(ValueError, match="crop_hw is 32 x 8 px, but 16 px a side is the least"):
        train(tiny)


def test_validation_reads_images_of_another_size_than_the_crops():
    larger = draw_set(2, seed=4)
    wide = SegmentationSet(
        np.concatenate((larger.images_nhwc, larger.images_nhwc), 2)[:, :31],
        np.concatenate((larger.labels_nhw, larger.labels_nhw), 2)[:, :31],
    )
    config = replace(TINY, steps=1)
    task = segmentation_task(config, replace(SPLITS, val=wide), seed=0)
    assert 0 <= evaluate(start_training(task, config, seed=0))["val_mean_iou"] <= 1


@pytest.mark.parametrize("is_channels_last", [True, False])
def test_every_gradient_lies_in_the_memory_order_of_the_weights(is_channels_last):
    config = replace(TINY, is_channels_last=is_channels_last)
    task = segmentation_task(config, SPLITS, seed=0)
    order = torch.channels_last if is_channels_last else torch.contiguous_format
    found = []

    def note(layer: torch.nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        output.register_hook(found.append)

    for layer in task.network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.register_forward_hook(note)
    task.objective(task.losses(task.network, task.draw(0))).backward()
    assert len(found) > 20 and all(each.is_contiguous(memory_format=order) for each in found)

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from models.augmentation.config import IGNORE_LABEL
from models.cycle_segmentation.config import CycleConfig, CycleSegmentationConfig
from models.cycle_segmentation.losses import (
    CycleBatch,
    Weighing,
    discrimination,
    find_losses,
    image_reconstruction,
    judge,
    weigh,
)
from models.cycle_segmentation.networks import BACKWARD, backward_statistics, build_networks
from models.translation.image_pool import ImagePool
from tests.models.cycle_segmentation.toy_cycles import TINY, with_cycle, with_noise

S = TINY.num_outputs


def small_networks(config: CycleSegmentationConfig = TINY) -> nn.ModuleDict:
    """In training mode, so that norms keep values alive, and without dropout."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        networks = build_networks(config)
    for module in networks.modules():
        if isinstance(module, nn.Dropout2d):
            module.p = 0.0
    return networks


def draw_batch(images: int = 2, labels: int = 2, *, paired: int = 2, side: int = 32) -> CycleBatch:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(images, 3, side, side, generator=generator) * 2 - 1
    maps = torch.randint(0, S, (labels, side, side), generator=generator)
    maps = maps.masked_fill(maps == S - 1, IGNORE_LABEL)
    keep_none = torch.tensor([[0, 0]] * labels)
    return CycleBatch(pixels, maps, paired, keep_none)


def find(config: CycleSegmentationConfig, networks: nn.ModuleDict, batch: CycleBatch) -> dict[str, Tensor]:
    return find_losses(
        config, networks, batch, weighing=Weighing(config.num_outputs, None), pool=ImagePool(0)
    )


def surprise(logits_shw: Tensor, labels_hw: Tensor) -> list[float]:
    """-log softmax of each known pixel's own class, one by one."""
    found = []
    for row, columns in enumerate(labels_hw.tolist()):
        for column, label in enumerate(columns):
            if label != IGNORE_LABEL:
                values = logits_shw[:, row, column].tolist()
                found.append(math.log(sum(math.exp(each) for each in values)) - values[label])
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_images_are_compared_pixel_by_pixel_and_their_colours_summed():
    images = torch.zeros(2, 3, 1, 2)
    rebuilt = images.clone()
    rebuilt[0, :, 0, 0] = torch.tensor([0.5, -1.0, 0.25])
    # 1.75 over 4 pixels; over 12 values it would be a third of that
    assert image_reconstruction(rebuilt, images).item() == pytest.approx(1.75 / 4)


def test_the_discriminators_loss_is_not_halved():
    scores = nn.AvgPool2d(2)  # of a constant image that constant
    real, fake = torch.full((1, 1, 2, 2), 0.2), torch.full((3, 1, 2, 2), 0.6)
    # (0.2 - 1)^2 + 0.6^2, each a mean of its own
    assert discrimination(scores, real, fake).item() == pytest.approx(0.64 + 0.36)


def test_void_counts_as_nothing_or_as_a_class_by_weight():
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 3.0]]).T.reshape(1, 3, 1, 2)
    labels = torch.tensor([[[0, IGNORE_LABEL]]])
    first = -math.log(math.exp(2) / (math.exp(2) + 1 + math.exp(-1)))
    second = -math.log(math.exp(3) / (1 + math.exp(1) + math.exp(3)))
    known, whole, weighted = (
        Weighing(3, weights).cross_entropy(logits, labels).item()
        for weights in (None, torch.ones(3), torch.tensor([2.0, 1.0, 0.5]))
    )
    assert known == pytest.approx(first)
    assert whole == pytest.approx((first + second) / 2)
    assert weighted == pytest.approx((2 * first + 0.5 * second) / 2.5)


def test_the_objective_weighs_cycles_as_published_and_the_discriminator_fully():
    names = ("segmentation", "image_reconstruction", "adversarial", "label_reconstruction", "discriminator")
    losses = {
        name: torch.tensor(value) for name, value in zip(names, (3.1, 6.2, 31.0, 9.3, 5.0), strict=True)
    }
    assert weigh(CycleConfig(), losses).item() == pytest.approx(1 + 2 + 1 + 3 + 5)
    assert weigh(None, losses).item() == pytest.approx(3.1)
    # 0.25 (0.1 x 3.1 + 0.9 x 6.2) + 0.75 (0.4 x 31 + 0.6 x 9.3) + 5
    unlike = CycleConfig(alpha=0.1, beta=0.4, gamma=0.25)
    assert weigh(unlike, losses).item() == pytest.approx(0.25 * 5.89 + 0.75 * 17.98 + 5)


def test_all_losses_are_those_of_the_paper_worked_out_one_by_one():
    # Networks that work pixel by pixel, so that every value can be followed.
    config, batch = with_cycle(logit_range="raw"), draw_batch(images=3, labels=4, paired=2, side=8)
    torch.manual_seed(0)
    segment, synthesize, score = nn.Conv2d(3, S, 1), nn.Conv2d(S, 3, 1), nn.Conv2d(3, 1, 8)
    networks = nn.ModuleDict({"segmenter": segment, "synthesizer": synthesize, "discriminator": score})
    networks[BACKWARD] = backward_statistics(networks)
    losses = find(config, networks, batch)
    with torch.no_grad():
        logits = segment(batch.images_bchw)
        difference = (synthesize(logits) - batch.images_bchw).abs()
        void_last = batch.labels_bhw.masked_fill(batch.labels_bhw == IGNORE_LABEL, S - 1)
        planes = torch.stack([void_last == label for label in range(S)], 1).float()
        synthetic = synthesize(planes)
        again = segment(synthetic)
        real, fake = score(batch.images_bchw).flatten(), score(synthetic).flatten()
    expected = {
        # of the first two images, which have labels
        "segmentation": mean([e for i in (0, 1) for e in surprise(logits[i], batch.labels_bhw[i])]),
        # of all three images
        "image_reconstruction": difference.sum().item() / (3 * 8 * 8),
        # of all four label maps
        "adversarial": mean([(value - 1) ** 2 for value in fake.tolist()]),
        "label_reconstruction": mean([e for i in range(4) for e in surprise(again[i], batch.labels_bhw[i])]),
        "discriminator": mean([(value - 1) ** 2 for value in real.tolist()])
        + mean([value**2 for value in fake.tolist()]),
    }
    assert {name: value.item() for name, value in losses.items()} == pytest.approx(expected, rel=1e-5)


def test_tanh_is_what_the_losses_of_labels_see_in_its_range_alone():
    batch = draw_batch()
    networks = small_networks()
    by_range = {
        name: find(with_cycle(logit_range=name), networks, batch) for name in ("raw", "scaled", "tanh")
    }
    for name in ("segmentation", "label_reconstruction"):
        assert by_range["raw"][name].item() == pytest.approx(by_range["scaled"][name].item())
    with torch.no_grad():
        bounded = torch.tanh(networks["segmenter"](batch.images_bchw))
    expected = Weighing(S, None).cross_entropy(bounded, batch.labels_bhw)
    assert by_range["tanh"]["segmentation"].item() == pytest.approx(expected.item())
    assert abs(by_range["raw"]["segmentation"].item() - expected.item()) > 1e-3


def test_without_a_cycle_there_is_one_loss():
    alone, batch = replace(TINY, cycle=None), draw_batch()
    networks = small_networks(alone)
    losses = find_losses(alone, networks, batch, weighing=Weighing(S, None), pool=None)
    expected = find(TINY, small_networks(), batch)["segmentation"]
    assert losses.keys() == {"segmentation"}
    assert losses["segmentation"].item() == pytest.approx(expected.item())


def test_the_judging_discriminator_changes_images_and_not_itself():
    networks, batch = small_networks(), draw_batch()
    images = batch.images_bchw.requires_grad_()
    scores = judge(networks, images)
    torch.testing.assert_close(scores, networks["discriminator"](images))
    scores.sum().backward()
    assert images.grad is not None and images.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in networks["discriminator"].parameters())


@pytest.mark.parametrize("kind", ["max_only", "quantization", "gaussian"])
def test_the_segmenter_learns_from_reconstructions_through_every_noise(kind):
    networks, batch = small_networks(), draw_batch()
    torch.manual_seed(0)
    find(with_noise(kind=kind, bits=1), networks, batch)["image_reconstruction"].backward()
    for name in ("segmenter", "synthesizer"):
        assert sum(weight.grad.abs().sum() for weight in networks[name].parameters()) > 0, name


def test_the_noise_is_in_the_forward_cycle_alone():
    networks, batch = small_networks(), draw_batch()
    torch.manual_seed(0)
    clean, noisy = (find(each, networks, batch) for each in (TINY, with_noise(kind="gaussian", snr_db=0.0)))
    changed = {name for name in clean if not torch.equal(clean[name], noisy[name])}
    assert changed == {"image_reconstruction"}


def test_the_discriminator_learns_from_earlier_images_and_the_synthesizer_from_its_own():
    config, networks, batch = with_cycle(pool_images=2), small_networks(), draw_batch()
    old = torch.full((3, 3, 32, 32), 0.5)
    exchange = replace(batch, pool_plan=torch.tensor([[0, 1], [1, 1]]))
    pool = ImagePool(2, old.clone())
    losses = find_losses(config, networks, exchange, weighing=Weighing(S, None), pool=pool)
    discriminator = networks["discriminator"]
    with torch.no_grad():
        expected = discrimination(discriminator, batch.images_bchw, old[:2])
    assert losses["discriminator"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert losses["adversarial"].item() == pytest.approx(
        find(TINY, networks, batch)["adversarial"].item(), rel=1e-5
    )
    assert not torch.equal(pool.images[:2], old[:2])
    losses["discriminator"].backward()
    assert all(weight.grad is None for weight in networks["synthesizer"].parameters())


def test_weights_of_the_networks_are_not_shared():
    # One backward pass and one optimiser stand for two turns: that needs networks apart from each other.
    networks = small_networks()
    owners = [{id(weight) for weight in network.parameters()} for network in networks.values()]
    assert not owners[0] & owners[1] and not owners[0] & owners[2] and not owners[1] & owners[2]

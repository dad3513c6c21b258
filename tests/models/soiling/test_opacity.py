from dataclasses import replace

import pytest
import torch
from torch import nn

from models.configs import to_plain
from models.segmentation.applying import find_logits
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.soiling.opacity import OpacityNetwork, load_opacity, opacity_of_logits, weights_digest
from models.training.checkpoints import snapshot
from models.translation.images import to_floats
from tests.models.soiling.toy_soiling import random_opacity, random_segmenter

LEVELS = SegmentationConfig(num_classes=4, losses=SegmentationLosses(pixel="binary"))


def logits(*shares: float) -> torch.Tensor:
    """[1, k, 1, 1] whose sigmoids these are."""
    return torch.logit(torch.tensor(shares)).view(1, -1, 1, 1)


def test_opacity_is_the_sum_of_levels_by_how_likely_each_is_reached():
    # 0.9 x 0.25 + 0.5 x (0.6 - 0.25) + 0.2 x (1 - 0.6)
    assert opacity_of_logits(logits(0.9, 0.5, 0.2), LEVELS).item() == pytest.approx(0.48)
    sure = torch.full((1, 3, 1, 1), 40.0)
    assert opacity_of_logits(sure, LEVELS).item() == pytest.approx(1.0)
    assert opacity_of_logits(-sure, LEVELS).item() == pytest.approx(0.0)


def test_opacity_of_exclusive_classes_is_their_mean():
    classes = SegmentationConfig(num_classes=4)
    shares = torch.tensor([0.1, 0.2, 0.3, 0.4]).log().view(1, 4, 1, 1) + 5.0
    # 0.2 x 0.25 + 0.3 x 0.6 + 0.4
    assert opacity_of_logits(shares, classes).item() == pytest.approx(0.63)


def test_opacity_of_soiled_against_clear_is_the_share_of_soiled():
    binary = replace(LEVELS, num_classes=2)
    assert opacity_of_logits(logits(0.3), binary).item() == pytest.approx(0.3)


def test_a_segmenter_of_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"2 classes or 4 levels, but this one has 19"):
        OpacityNetwork(random_segmenter(num_classes=19, losses=SegmentationLosses()))


def test_images_of_any_size_have_the_opacity_that_the_segmenter_itself_tells():
    segmenter = random_segmenter()
    pixels = torch.randint(
        0, 256, (2, 3, 33, 45), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    with torch.inference_mode():
        found = OpacityNetwork(segmenter)(to_floats(pixels))
        expected = opacity_of_logits(find_logits(segmenter, pixels), segmenter.config)
    assert found.shape == (2, 1, 33, 45)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_gradients_go_through_the_segmenter_and_not_into_it():
    segmenter = random_segmenter()
    opacity = OpacityNetwork(segmenter).train()
    statistics = snapshot(opacity.state_dict())
    images = torch.zeros(1, 3, 32, 40, requires_grad=True)
    opacity(images).sum().backward()
    assert images.grad is not None and images.grad.abs().max() > 0
    assert all(weight.grad is None and not weight.requires_grad for weight in opacity.parameters())
    assert all(torch.equal(value, statistics[name]) for name, value in opacity.state_dict().items())
    assert not any(module.training for module in opacity.modules())
    assert all(weight.requires_grad for weight in segmenter.network.parameters())  # it is a copy


def test_it_is_loaded_from_a_segmenters_state():
    segmenter = random_segmenter(seed=3)
    state = {
        "kind": "segmenter",
        "config": to_plain(segmenter.config),
        "image_hw": [32, 40],
        "step": 1,
        "best": {"network": snapshot(segmenter.network.state_dict())},
    }
    loaded = load_opacity(state, device="cpu", precision="fp32")
    assert weights_digest(loaded) == weights_digest(random_opacity(seed=3))


def test_the_digest_tells_segmenters_apart_by_any_weight_and_statistic():
    first = random_opacity()
    digest = weights_digest(first)
    assert digest == weights_digest(random_opacity()) != weights_digest(random_opacity(seed=1))
    norm = next(module for module in first.modules() if isinstance(module, nn.BatchNorm2d))
    assert norm.running_mean is not None
    norm.running_mean[0] += 1e-3
    assert weights_digest(first) != digest

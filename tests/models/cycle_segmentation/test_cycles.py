import torch
from torch import nn

from models.cycle_segmentation.config import CycleConfig, NoiseConfig
from models.cycle_segmentation.cycles import go_backward, go_forward, one_hot
from models.cycle_segmentation.networks import BACKWARD, backward_statistics

# Networks that change nothing show what goes into each of them.
THROUGH = nn.ModuleDict({"segmenter": nn.Identity(), "synthesizer": nn.Identity()})
THROUGH[BACKWARD] = backward_statistics(THROUGH)
IMAGES = torch.tensor([-0.8, 0.5, 0.3]).view(1, 3, 1, 1).expand(2, 3, 4, 4)


def test_the_synthesizer_gets_the_logits_and_no_probabilities():
    cycle = go_forward(THROUGH, IMAGES, CycleConfig(logit_range="raw"))
    assert torch.equal(cycle.logits_bshw, IMAGES)
    assert torch.equal(cycle.reconstruction_bchw, IMAGES)


def test_the_synthesizer_gets_the_bounded_logits_with_noise_and_the_logits_stay():
    noise = NoiseConfig(kind="quantization", bits=1)
    cycle = go_forward(THROUGH, IMAGES, CycleConfig(logit_scale=0.1, noise=noise))
    assert torch.equal(cycle.logits_bshw, IMAGES)
    torch.testing.assert_close(cycle.latent_bshw, torch.tanh(10 * IMAGES))
    assert torch.equal(cycle.noisy_bshw, IMAGES.sign())
    assert torch.equal(cycle.reconstruction_bchw, cycle.noisy_bshw)


def test_the_backward_cycle_starts_from_one_hot_labels_with_void_as_the_last_class():
    labels = torch.tensor([[[0, 1], [255, 1]]])
    expected = torch.tensor([[[[1.0, 0], [0, 0]], [[0, 1], [0, 1]], [[0, 0], [1, 0]]]])
    assert torch.equal(one_hot(labels, 3), expected)
    cycle = go_backward(THROUGH, labels, 3)
    assert torch.equal(cycle.synthetic_bchw, expected)
    assert torch.equal(cycle.logits_bshw, expected)


def small_norms() -> nn.ModuleDict:
    """Two norms, which see images and labels as they are, with the statistics of both cycles."""
    norms = nn.ModuleDict({name: nn.BatchNorm2d(3, momentum=1.0) for name in ("segmenter", "synthesizer")})
    norms[BACKWARD] = backward_statistics(norms)
    return norms


def test_each_cycle_has_its_own_statistics_of_norms():
    torch.manual_seed(0)
    images, labels = torch.rand(4, 3, 8, 8) - 0.5, torch.randint(0, 3, (4, 8, 8))
    norms = small_norms()
    forward, backward = (
        go_forward(norms, images, CycleConfig(logit_range="raw")),
        go_backward(norms, labels, 3),
    )
    shares = one_hot(labels, 3).mean((0, 2, 3))
    # momentum 1: the last batch alone; a norm's output has mean 0
    torch.testing.assert_close(norms["segmenter"].running_mean, images.mean((0, 2, 3)))
    torch.testing.assert_close(norms["synthesizer"].running_mean, torch.zeros(3), atol=1e-6, rtol=0)
    statistics = {name: each.by_name() for name, each in norms[BACKWARD].items()}
    torch.testing.assert_close(statistics["synthesizer"]["running_mean"], shares)
    torch.testing.assert_close(statistics["segmenter"]["running_mean"], torch.zeros(3), atol=1e-6, rtol=0)
    # what is normed in training is normed alike afterwards, each cycle by its own
    norms.eval()
    again = go_backward(norms, labels, 3), go_forward(norms, images, CycleConfig(logit_range="raw"))
    torch.testing.assert_close(again[0].synthetic_bchw, backward.synthetic_bchw, rtol=0.02, atol=0)
    torch.testing.assert_close(again[1].logits_bshw, forward.logits_bshw, rtol=0.02, atol=0)

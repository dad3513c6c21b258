import torch
from torch import nn

from models.cycle_segmentation.config import CycleConfig, NoiseConfig
from models.cycle_segmentation.cycles import go_backward, go_forward, one_hot

# Networks that change nothing show what goes into each of them.
THROUGH = nn.ModuleDict({"segmenter": nn.Identity(), "synthesizer": nn.Identity()})
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

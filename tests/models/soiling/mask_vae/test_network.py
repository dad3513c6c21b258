import math

import pytest
import torch

from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.mask_vae.losses import beta_at, kl_divergence, reconstruction_loss
from models.soiling.mask_vae.network import MaskVae, Posterior


def test_the_full_size_has_four_million_weights():
    network = MaskVae(MaskVaeConfig())
    # Convolutions of 4 x 4: 1 to 32, 64, 128, 256 and 256 maps of 4 x 4 px, and back.
    encoder = 16 * (1 * 32 + 32 * 64 + 64 * 128 + 128 * 256 + 256 * 256) + 2 * (32 + 64 + 128 + 256 + 256)
    decoder = 16 * (256 * 256 + 256 * 128 + 128 * 64 + 64 * 32 + 32) + 2 * (256 + 128 + 64 + 32) + 1
    codes = 4096 * 128 + 128 + 64 * 4096 + 4096
    assert sum(weight.numel() for weight in network.parameters()) == encoder + decoder + codes == 4_267_521


def test_masks_become_codes_and_codes_masks_of_their_size():
    config = MaskVaeConfig(size_px=64, codes=7, filters=2)
    network = MaskVae(config)
    logits, posterior = network(torch.rand(3, 1, 64, 64))
    assert posterior.mean_bz.shape == posterior.log_variance_bz.shape == (3, 7)
    assert logits.shape == (3, 1, 64, 64)


def test_codes_are_drawn_with_the_posteriors_mean_and_deviation():
    mean, log_variance = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.0, 2 * math.log(3.0)]])
    posterior = Posterior(mean.expand(40_000, -1), log_variance.expand(40_000, -1))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = posterior.draw()
    assert drawn.mean(0).tolist() == pytest.approx([2.0, -1.0], abs=0.06)
    assert drawn.std(0).tolist() == pytest.approx([1.0, 3.0], rel=0.02)


def test_the_divergence_is_that_of_torchs_own_normals_summed_over_a_code():
    mean, log_variance = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    own = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    expected = torch.distributions.kl_divergence(own, torch.distributions.Normal(0.0, 1.0)).sum(1).mean()
    assert kl_divergence(Posterior(mean, log_variance)).item() == pytest.approx(expected.item())
    # A code with mean 1 and variance 1 is 1/2 away, number by number.
    assert kl_divergence(Posterior(torch.ones(2, 3), torch.zeros(2, 3))).item() == pytest.approx(1.5)


def test_reconstruction_is_summed_over_pixels_and_averaged_over_masks():
    logits = torch.zeros(2, 1, 4, 4)
    masks = torch.rand(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    # A half everywhere costs log 2 a pixel, whatever the mask.
    assert reconstruction_loss(logits, masks).item() == pytest.approx(16 * math.log(2))
    soft = torch.full((1, 1, 1, 1), 0.25)
    expected = -(0.25 * math.log(0.8) + 0.75 * math.log(0.2))
    assert reconstruction_loss(torch.logit(torch.full((1, 1, 1, 1), 0.8)), soft).item() == pytest.approx(
        expected
    )


def test_beta_rises_along_a_line_and_stays():
    assert [beta_at(step, beta=2.0, warmup_steps=4) for step in (0, 1, 2, 4, 9)] == [0, 0.5, 1.0, 2.0, 2.0]
    assert beta_at(0, beta=2.0, warmup_steps=0) == 2.0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size_px": 100}, r"size_px must be a multiple of 32, but was 100; 96 is one"),
        ({"size_px": 16}, r"size_px must be a multiple of 32, but was 16; 32 is one"),
        ({"codes": 0}, r"codes must be >= 1, but was 0"),
        ({"beta": -1.0}, r"beta must be >= 0, but was -1"),
    ],
)
def test_sizes_that_cannot_be_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        MaskVaeConfig(**fields)

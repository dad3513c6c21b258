import math

import pytest
import torch
from torch import Tensor

from models.cycle_segmentation.config import CycleConfig, NoiseConfig
from models.cycle_segmentation.noise import (
    add_noise,
    bound_logits,
    keep_largest,
    loss_logits,
    measure_snr_db,
    quantize,
    saturated_share,
)

CLASSES = 20


def latent(height: int = 32, width: int = 64, *, images: int = 2) -> Tensor:
    """Bounded as `scaled` bounds logits, of images of which each is twice as strong as the one before."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(images, CLASSES, height, width, generator=generator)
    return torch.tanh(logits * 0.4 * 2.0 ** torch.arange(images).view(-1, 1, 1, 1))


def one_pixel(*values: float) -> Tensor:
    return torch.tensor(values).view(1, -1, 1, 1)


def test_max_only_keeps_each_pixels_largest_class_and_its_gradient():
    values = torch.tensor([[[[0.5, -0.9]], [[-0.7, -0.2]], [[0.4, -0.4]]]], requires_grad=True)
    kept = keep_largest(values)
    assert torch.equal(kept, torch.tensor([[[[0.5, 0.0]], [[0.0, -0.2]], [[0.0, 0.0]]]]))
    kept.sum().backward()
    assert torch.equal(values.grad, torch.tensor([[[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]]]))


def test_max_only_of_a_saturated_segmentation_has_the_published_snr():
    saturated = torch.full((1, CLASSES, 4, 4), -1.0)
    saturated[:, 3] = 1
    # 19 of 20 equal powers are lost: 10 log10(20 / 19) = 0.2228 dB
    assert measure_snr_db(saturated, keep_largest(saturated)).item() == pytest.approx(0.2228, abs=1e-4)


@pytest.mark.parametrize(
    ("bits", "found"),
    [
        (1, [-1.0, -1.0, 1.0, 1.0, 1.0]),
        (2, [-1.0, -1 / 3, 1 / 3, 1.0, 1.0]),
        (3, [-1.0, -1 / 7, 1 / 7, 5 / 7, 1.0]),
    ],
)
def test_the_quantiser_has_levels_from_minus_1_to_1_and_takes_the_nearest(bits, found):
    values = one_pixel(-7.0, -0.15, 0.05, 0.7, 0.95)
    assert torch.allclose(quantize(values, bits=bits), one_pixel(*found), atol=1e-7)


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8])
def test_a_quantisers_values_are_its_levels_alone(bits):
    assert len(quantize(latent(), bits=bits).unique()) == 2**bits


def test_the_quantisers_gradient_is_the_identitys_also_outside_of_its_range():
    values = one_pixel(-3.0, -0.2, 0.4, 9.0).requires_grad_()
    incoming = one_pixel(1.0, -2.0, 3.0, 4.0)
    quantize(values, bits=2).backward(incoming)
    assert torch.equal(values.grad, incoming)


def test_more_bits_leave_more_signal():
    values = latent()
    ratios = torch.stack([measure_snr_db(values, quantize(values, bits=bits)) for bits in range(1, 9)])
    assert (ratios.diff(dim=0) > 3).all()


def test_the_snr_is_that_of_equation_11_image_by_image():
    values = torch.stack((one_pixel(3.0, 4.0)[0], one_pixel(1.0, 0.0)[0]))
    noisy = values + torch.stack((one_pixel(0.3, 0.4)[0], one_pixel(0.0, 0.1)[0]))
    assert measure_snr_db(values, noisy).tolist() == pytest.approx([20.0, 20.0], abs=1e-4)
    assert measure_snr_db(values, values).tolist() == [math.inf, math.inf]


@pytest.mark.parametrize("snr_db", [40.0, 7.38, -0.55, -20.0])
def test_gaussian_noise_has_the_snr_that_was_asked_for_in_every_image(snr_db):
    values = latent(512, 512)  # of 5 million elements the measured power is right to 0.003 dB
    torch.manual_seed(0)
    noisy = add_noise(values, NoiseConfig(kind="gaussian", snr_db=snr_db))
    assert measure_snr_db(values, noisy).tolist() == pytest.approx([snr_db] * 2, abs=0.01)


def test_equation_13_as_it_is_written_is_off_by_the_number_of_classes():
    values = latent(512, 512)
    torch.manual_seed(0)
    noisy = add_noise(values, NoiseConfig(kind="gaussian", snr_db=7.38, snr_norm="paper"))
    assert (measure_snr_db(values, noisy) - 7.38).tolist() == pytest.approx([-13.01] * 2, abs=0.01)


def test_gaussian_noise_is_normal_without_bias_and_passes_the_gradient_on():
    values = latent().requires_grad_()
    torch.manual_seed(0)
    noisy = add_noise(values, NoiseConfig(kind="gaussian", snr_db=0.0))
    noise = (noisy - values).detach()[0]
    deviation = noise.std()
    assert abs(noise.mean()) < 0.02 * deviation
    # shares of a normal distribution within 1 and 2 deviations
    for limit, share in ((1, 0.6827), (2, 0.9545)):
        assert (noise.abs() < limit * deviation).float().mean().item() == pytest.approx(share, abs=0.01)
    noisy.sum().backward()
    assert torch.equal(values.grad, torch.ones_like(values))


def test_no_noise_is_the_segmentation_itself():
    values = latent()
    assert add_noise(values, NoiseConfig()) is values


def test_logit_ranges_are_for_the_synthesizer_and_only_tanh_is_for_the_losses_too():
    logits = one_pixel(-6.0, 0.0, 3.0)
    scaled = CycleConfig(logit_range="scaled", logit_scale=3.0)
    tanh, raw = CycleConfig(logit_range="tanh"), CycleConfig(logit_range="raw")
    # tanh(1) = 0.761594, tanh(2) = 0.964028, tanh(3) = 0.995055, tanh(6) = 0.999988
    for config, latents, seen in (
        (scaled, (-0.964028, 0.0, 0.761594), (-6.0, 0.0, 3.0)),
        (tanh, (-0.999988, 0.0, 0.995055), (-0.999988, 0.0, 0.995055)),
        (raw, (-6.0, 0.0, 3.0), (-6.0, 0.0, 3.0)),
    ):
        torch.testing.assert_close(bound_logits(logits, config), one_pixel(*latents), atol=1e-6, rtol=0)
        torch.testing.assert_close(loss_logits(logits, config), one_pixel(*seen), atol=1e-6, rtol=0)
    assert loss_logits(logits, None) is logits


def test_the_saturated_share_counts_what_is_at_the_ends_or_beyond():
    values = torch.stack((one_pixel(-1.0, 0.995, 0.9, 0.0)[0], one_pixel(5.0, -0.98, 0.1, 0.2)[0]))
    assert saturated_share(values).tolist() == [0.5, 0.25]

import numpy as np
import pytest
import torch

from models.soiling.mask_vae.coding import (
    MaskCoder,
    decode,
    draw_codes,
    encode,
    interpolate,
    mix_codes,
    walk,
)
from models.soiling.mask_vae.network import MaskVae
from tests.models.soiling.toy_soiling import TINY_VAE, draw_masks

RNG = np.random.default_rng(0)


def coder() -> MaskCoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return MaskCoder(TINY_VAE, MaskVae(TINY_VAE).eval(), torch.device("cpu"))


def test_masks_are_coded_alike_in_batches_of_any_size():
    masks, own = draw_masks(5, seed=0), coder()
    codes = encode(own, masks)
    assert codes.shape == (5, 4) and codes.dtype == np.float32
    np.testing.assert_allclose(encode(own, masks, batch_size=2), codes, atol=1e-6)
    rebuilt = decode(own, codes)
    assert rebuilt.shape == (5, 32, 32) and rebuilt.min() >= 0 and rebuilt.max() <= 1
    np.testing.assert_allclose(decode(own, codes, batch_size=2), rebuilt, atol=1e-6)


def test_a_code_is_the_mean_of_its_posterior_and_a_mask_the_sigmoid_of_its_logits():
    masks, own = draw_masks(2, seed=0), coder()
    with torch.inference_mode():
        posterior = own.network.encode(torch.from_numpy(masks)[:, None])
        logits = own.network.decode(posterior.mean_bz)[:, 0]
    np.testing.assert_allclose(encode(own, masks), posterior.mean_bz, atol=1e-6)
    np.testing.assert_allclose(decode(own, encode(own, masks)), 1 / (1 + np.exp(-logits.numpy())), atol=1e-5)


def test_what_is_as_good_as_clear_is_decoded_as_0_so_that_images_keep_it():
    own = coder()
    with torch.no_grad():
        assert own.network.output.bias is not None
        own.network.output.weight.mul_(1000.0)
        own.network.output.bias.fill_(-3.892)  # 0.02
    decoded = decode(own, draw_codes(own, count=8, seed=0))
    assert decoded[decoded > 0].min() >= 0.02
    assert 0.1 < (decoded == 0).mean() < 0.9


def test_masks_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"reads masks \[n, 32, 32\], but these are \[1, 64, 64\]"):
        encode(coder(), np.zeros((1, 64, 64), np.float32))


def test_between_two_codes_lies_their_convex_combination_and_its_ends_are_the_codes():
    first, second = RNG.standard_normal((2, 4)).astype(np.float32)
    np.testing.assert_array_equal(interpolate(first, second, 1.0), first)
    np.testing.assert_array_equal(interpolate(first, second, 0.0), second)
    np.testing.assert_allclose(interpolate(first, second, 0.25), 0.25 * first + 0.75 * second, rtol=1e-6)
    with pytest.raises(ValueError, match=r"share must be in 0..1, but was 1.5"):
        interpolate(first, second, 1.5)


def test_mixed_codes_lie_between_two_of_those_that_there_are():
    codes = np.eye(5, dtype=np.float32)
    mixed = mix_codes(codes, count=200, seed=1)
    assert mixed.shape == (200, 5)
    np.testing.assert_allclose(mixed.sum(1), 1, atol=1e-6)
    assert ((mixed > 0).sum(1) == 2).all()
    shares = mixed.max(1)
    assert shares.min() < 0.52 and shares.max() > 0.98  # the larger share, evenly in 0.5..1
    assert {tuple(np.flatnonzero(row)) for row in mixed} == {(a, b) for b in range(5) for a in range(b)}
    np.testing.assert_array_equal(mix_codes(codes, count=10, seed=1), mixed[:10])
    assert not np.array_equal(mix_codes(codes, count=10, seed=2), mixed[:10])


def test_codes_are_mixed_with_their_nearest_where_so_many_are_asked_for():
    line = np.array([[0.0], [1.0], [10.0], [12.0], [13.0]], np.float32)
    mixed = mix_codes(line, count=200, seed=0, neighbours=1)[:, 0]
    # Nearest are 1, 0, 12, 13 and 12: nothing lies between 1 and 10.
    assert ((mixed <= 1) | (mixed >= 10)).all()
    for low, high in ((0.0, 1.0), (10.0, 12.0), (12.0, 13.0)):
        assert ((mixed > low) & (mixed < high)).any()
    any_other = mix_codes(line, count=200, seed=0)[:, 0]
    assert ((any_other > 1.5) & (any_other < 9.5)).any()
    with pytest.raises(ValueError, match=r"neighbours must be >= 1, but was 0"):
        mix_codes(line, count=1, seed=0, neighbours=0)


def test_drawn_codes_are_standard_normal_and_follow_the_seed():
    drawn = draw_codes(coder(), count=5000, seed=3)
    assert drawn.shape == (5000, 4)
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.06)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(4), atol=0.08)
    np.testing.assert_array_equal(draw_codes(coder(), count=5000, seed=3), drawn)
    assert not np.array_equal(draw_codes(coder(), count=5000, seed=4), drawn)


def test_a_walk_goes_through_its_stops_and_between_them_as_a_catmull_rom_spline():
    stops = RNG.standard_normal((5, 3)).astype(np.float32)
    codes = walk(stops, frames_between=8)
    assert codes.shape == (40, 3)
    np.testing.assert_allclose(codes[::8], stops, atol=1e-6)
    before, after, beyond = (np.roll(stops, -shift, axis=0) for shift in (-1, 1, 2))
    # Half way, of which the published matrix makes (-1, 9, 9, -1) / 16, and after an eighth of the way.
    np.testing.assert_allclose(codes[4::8], (9 * (stops + after) - before - beyond) / 16, atol=1e-5)
    weights = np.array((-49, 987, 93, -7)) / 1024
    eighth = sum(weight * each for weight, each in zip(weights, (before, stops, after, beyond), strict=True))
    np.testing.assert_allclose(codes[1::8], eighth, atol=1e-5)


def test_a_walk_is_closed_and_its_velocity_nowhere_jumps():
    stops = RNG.standard_normal((4, 3)).astype(np.float32)
    codes = walk(stops, frames_between=200).astype(np.float64)
    steps = np.roll(codes, -1, 0) - codes  # of the last frame to the first one too
    jumps = np.abs(np.roll(steps, -1, 0) - steps).max()
    assert np.abs(steps).max() < 0.03
    assert jumps < 5e-4  # a corner at a stop would be a jump of about 0.01


@pytest.mark.parametrize(("stops", "frames"), [(2, 4), (4, 0)])
def test_a_walk_with_too_few_stops_or_frames_is_refused(stops, frames):
    with pytest.raises(ValueError, match=r"3 stops or more|frames_between must be >= 1"):
        walk(np.zeros((stops, 3), np.float32), frames_between=frames)

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.configs import to_plain
from models.cycle_segmentation.applying import (
    CycleSegmenter,
    answer,
    answer_batches,
    load_cycle_segmenter,
    psnr_db,
    to_bytes,
    trace,
)
from models.cycle_segmentation.config import CycleSegmentationConfig, NoiseConfig
from models.cycle_segmentation.networks import BACKWARD, backward_statistics, build_networks
from tests.models.cycle_segmentation.toy_cycles import TINY, with_cycle, with_noise
from tests.models.segmentation.toy_street import CLASSES, draw_set

DATA = draw_set(3, seed=2)
IMAGES, LABELS = DATA.images_nhwc, DATA.labels_nhw
CPU = torch.device("cpu")


def make_state(config: CycleSegmentationConfig) -> dict:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        weights = build_networks(config).state_dict()
    best = {"step": 7, "mean_iou": 0.75, "network": weights}
    return {"kind": "cycle_segmenter", "step": 9, "config": to_plain(config), "best": best}


def load(config: CycleSegmentationConfig) -> CycleSegmenter:
    return load_cycle_segmenter(make_state(config), device="cpu", precision="fp32")


def through(config: CycleSegmentationConfig, synthesizer: nn.Module | None = None) -> CycleSegmenter:
    """Networks that change nothing, so that it can be seen what reaches them: as many classes as colours."""
    networks = nn.ModuleDict({"segmenter": nn.Identity(), "synthesizer": synthesizer or nn.Identity()})
    networks[BACKWARD] = backward_statistics(networks)
    return CycleSegmenter(replace(config, num_classes=2), networks, CPU)


@pytest.mark.parametrize("size", [(32, 48), (40, 50)])
def test_every_image_has_labels_a_reconstruction_and_figures_of_its_own_size(size):
    images = np.random.default_rng(0).integers(0, 256, (3, *size, 3), dtype=np.uint8)
    found = answer(load(with_noise(kind="quantization")), images, seed=0, batch_size=2)
    assert found.labels_nhw.shape == found.labels_with_void_nhw.shape == (3, *size)
    assert found.labels_nhw.dtype == np.uint8 and found.labels_nhw.max() < CLASSES
    rebuilt = found.reconstructions
    assert rebuilt is not None
    assert rebuilt.images_nhwc.shape == images.shape and rebuilt.images_nhwc.dtype == np.uint8
    for name in ("psnr_db", "snr_db", "saturated_share", "probe_drop_db"):
        assert getattr(rebuilt, name).shape == (3,), name


def test_without_a_cycle_there_are_labels_alone_and_nothing_to_trace():
    alone = replace(TINY, cycle=None)
    found = answer(load(alone), IMAGES, seed=0)
    assert found.reconstructions is None and found.labels_nhw.shape == LABELS.shape
    with pytest.raises(ValueError, match=r"a segmenter alone \(cycle is null\)"):
        trace(load(alone), IMAGES[0], LABELS[0], seed=0)


def test_the_noise_follows_the_seed_and_leaves_the_callers_random_state_alone():
    segmenter = load(with_noise(kind="gaussian", snr_db=0.0))
    before = torch.get_rng_state()
    first, again, other = (answer(segmenter, IMAGES, seed=seed).reconstructions for seed in (1, 1, 2))
    assert first is not None and again is not None and other is not None
    np.testing.assert_array_equal(first.psnr_db, again.psnr_db)
    assert (first.psnr_db != other.psnr_db).all()
    assert torch.equal(before, torch.get_rng_state())


def test_who_takes_batches_one_by_one_keeps_its_own_random_state_and_gradients():
    before = torch.get_rng_state()
    for _ in answer_batches(load(TINY), IMAGES, seed=0, batch_size=1):
        assert torch.equal(before, torch.get_rng_state()) and not torch.is_inference_mode_enabled()


def test_the_psnr_is_that_of_equation_14_image_by_image():
    images = torch.zeros(3, 3, 4, 4)
    rebuilt = torch.zeros(3, 3, 4, 4)
    rebuilt[0] += 0.2
    rebuilt[1, 0] += 0.2
    # 20 log10(2 / 0.2); of a third of the values 10 log10(3) more
    assert psnr_db(images, rebuilt).tolist() == pytest.approx([20.0, 24.7712, float("inf")], abs=1e-4)


def test_bytes_are_those_of_minus_1_to_1_and_others_are_clipped():
    values = torch.tensor([-1.0, 1.0, 0.0, -3.0, 1.2, 127 / 127.5 - 1]).view(1, 1, 2, 3).expand(1, 3, 2, 3)
    assert to_bytes(values)[0, ..., 0].tolist() == [[0, 255, 128], [0, 255, 127]]


def test_figures_are_those_of_the_noisy_latent_maps():
    scale = 0.5
    config = with_cycle(with_noise(kind="quantization", bits=2), logit_scale=scale)
    found = answer(through(config), IMAGES, seed=0, batch_size=2).reconstructions
    assert found is not None
    for index, image in enumerate(IMAGES):
        # replicated to the right to whole strides, 64 columns
        padded = np.concatenate((image, np.repeat(image[:, -1:], 16, axis=1)), axis=1)
        latent = np.tanh((padded.astype(np.float64) / 127.5 - 1) / scale)
        noisy = np.rint((latent + 1) * 1.5) / 1.5 - 1
        ratio = 10 * np.log10((latent**2).sum() / ((noisy - latent) ** 2).sum())
        error = ((noisy[:, :48] - (image / 127.5 - 1)) ** 2).mean()
        assert found.snr_db[index] == pytest.approx(ratio, abs=0.01)
        assert found.psnr_db[index] == pytest.approx(10 * np.log10(4 / error), abs=0.01)
        assert found.saturated_share[index] == pytest.approx((np.abs(latent) >= 0.99).mean(), abs=2e-3)
        np.testing.assert_allclose(
            found.images_nhwc[index], np.clip((noisy[:, :48] + 1) * 127.5, 0, 255), atol=0.51
        )


class Amplifier(nn.Module):
    """Reconstructs an image that is hidden in a thousandth of the latent map."""

    def forward(self, latent_bshw: torch.Tensor) -> torch.Tensor:
        return latent_bshw * 1000


def test_the_probe_finds_an_image_that_hides_in_small_values():
    hiding = with_cycle(logit_range="raw")
    hidden = through(hiding, Amplifier())
    hidden.networks["segmenter"] = nn.Conv2d(3, 3, 1, bias=False)
    hidden.networks["segmenter"].weight.data = torch.eye(3).view(3, 3, 1, 1) * 1.001e-3
    found = answer(hidden, IMAGES, seed=0).reconstructions
    assert found is not None
    # 0.001 of each value is wrong before, and N(0, 10^2) after: 20 log10(2 / 10) = -13.98 dB
    assert (found.psnr_db - found.probe_drop_db).mean() == pytest.approx(-13.98, abs=0.15)
    assert (found.psnr_db > 60).all()


def test_the_probe_shows_a_synthesizer_of_few_levels_these_alone():
    config = with_cycle(logit_range="raw", noise=NoiseConfig(kind="quantization", bits=2))
    traced = trace(through(config), IMAGES[0], np.minimum(LABELS[0], 1), seed=0)
    levels = {0, 85, 170, 255}
    assert set(np.unique(traced.probed_hwc)) == set(np.unique(traced.reconstruction_hwc)) == levels
    assert 0 < (traced.probed_hwc != traced.reconstruction_hwc).mean() < 0.1, (
        "where a value was near two levels"
    )


def test_void_is_found_where_it_is_likelier_than_every_class():
    images = np.zeros((1, 32, 32, 3), np.uint8)
    images[..., 0], images[:, 8:, :, 1], images[:, 16:, :, 2] = 100, 150, 200
    found = answer(through(replace(TINY, cycle=None)), images, seed=0)
    assert found.labels_nhw[0, :, 0].tolist() == [0] * 8 + [1] * 24
    assert found.labels_with_void_nhw[0, :, 0].tolist() == [0] * 8 + [1] * 8 + [255] * 16


def test_a_trace_shows_what_the_answers_tell():
    segmenter = load(with_noise(kind="quantization", bits=2))
    found, traced = answer(segmenter, IMAGES[:1], seed=4), trace(segmenter, IMAGES[0], LABELS[0], seed=4)
    assert found.reconstructions is not None
    np.testing.assert_array_equal(traced.labels_hw, found.labels_with_void_nhw[0])
    np.testing.assert_array_equal(traced.reconstruction_hwc, found.reconstructions.images_nhwc[0])
    assert traced.latent_shw.shape == traced.noisy_shw.shape == (CLASSES + 1, 32, 48)
    levels = np.array([-1, -1 / 3, 1 / 3, 1])
    assert np.abs(traced.noisy_shw[..., None] - levels).min(-1).max() < 1e-6
    np.testing.assert_allclose(traced.noise_shw, traced.noisy_shw - traced.latent_shw)
    assert np.abs(traced.noise_shw).max() <= 1 / 3 + 1e-6


def test_a_trace_follows_both_cycles():
    traced = trace(through(with_cycle(logit_range="raw")), IMAGES[0], np.minimum(LABELS[0], 1), seed=0)
    pixels = IMAGES[0].astype(np.float32) / 127.5 - 1
    np.testing.assert_allclose(traced.latent_shw, pixels.transpose(2, 0, 1), atol=1e-6)
    np.testing.assert_array_equal(traced.reconstruction_hwc, IMAGES[0])
    # the one-hot map itself: 1 is 255, 0 is the middle of -1..1
    planes = np.where(np.arange(3) == np.minimum(LABELS[0], 1)[..., None], 255, 128)
    np.testing.assert_array_equal(traced.synthetic_hwc, planes)
    np.testing.assert_array_equal(traced.resegmented_hw, np.minimum(LABELS[0], 1))
    # N(0, 0.01^2) are 1.3 levels of a byte
    probed = traced.probed_hwc.astype(int) - traced.reconstruction_hwc
    assert 0.9 < probed.std() < 1.5 and np.abs(probed).max() < 9


@pytest.mark.parametrize(
    ("images", "found"),
    [(IMAGES[0], r"uint8 \[32, 48, 3\]"), (IMAGES.astype(np.float32), r"float32 \[3, 32, 48, 3\]")],
)
def test_other_arrays_than_images_are_refused(images, found):
    with pytest.raises(
        ValueError, match=rf"reads uint8 images \[n, height, width, 3\], but these are {found}"
    ):
        answer(load(TINY), images, seed=0)


def test_a_state_without_an_evaluation_or_of_another_kind_is_refused():
    state = make_state(TINY)
    with pytest.raises(ValueError, match="saved at step 9, before its first evaluation"):
        load_cycle_segmenter(state | {"best": None})
    with pytest.raises(ValueError, match="of kind 'segmenter', but 'cycle_segmenter' is needed"):
        load_cycle_segmenter(state | {"kind": "segmenter"})


def test_loading_leaves_the_callers_random_state_alone():
    state, before = make_state(TINY), torch.get_rng_state()
    load_cycle_segmenter(state, device="cpu")
    assert torch.equal(before, torch.get_rng_state())

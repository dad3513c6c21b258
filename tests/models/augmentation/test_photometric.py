from dataclasses import replace

import numpy as np
import pytest
import torch

from models.augmentation.config import PhotometricConfig
from models.augmentation.photometric import Light, change_light, draw_light

STILL = PhotometricConfig(
    brightness=0, contrast=0, gamma=0, color_gain=0, saturation=0, blur_probability=0, noise_probability=0
)
SETTINGS = [
    "brightness",
    "contrast",
    "gamma",
    "color_gain",
    "saturation",
    "blur_probability",
    "noise_probability",
]


def noisy(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))


def lit(images: torch.Tensor, config: PhotometricConfig, *, seed: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return change_light(images, draw_light(config, rng, count=len(images), channels=images.shape[1]))


def test_without_any_setting_light_stays_as_it_is():
    images = torch.arange(2 * 3 * 8 * 8).remainder(256).to(torch.uint8).view(2, 3, 8, 8)
    torch.testing.assert_close(lit(images, STILL, seed=0), images.float() / 255)


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_of_light_changes_the_image_and_keeps_its_range(name):
    images = noisy(2, 3, 16, 16)
    changed = lit(images, replace(STILL, **{name: 1.0}), seed=1)
    assert (changed - images.float() / 255).abs().max() > 0.02
    assert 0 <= changed.min() <= changed.max() <= 1


def test_the_same_generator_gives_the_same_image():
    images = torch.full((2, 3, 16, 16), 100, dtype=torch.uint8)
    config = PhotometricConfig(noise_probability=1, blur_probability=1)
    first, again, other = (lit(images, config, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_setting_leaves_the_draws_of_the_others_alone():
    config = replace(STILL, blur_probability=0.0, contrast=0.4)
    louder = replace(config, blur_probability=1.0, noise_probability=1.0, gamma=1.0)
    quiet, loud = (draw_light(each, np.random.default_rng(3), count=4) for each in (config, louder))
    assert np.array_equal(quiet.contrast, loud.contrast)
    assert quiet.noise_seed == loud.noise_seed
    assert quiet.blur_sigma_px == (0, 0, 0, 0) and min(loud.blur_sigma_px) > 0


def one_light(**changes) -> Light:
    one = np.ones((1, 1))
    still = Light(one, one, 0 * one, np.ones((1, 3)), np.zeros(1), (0.0,), (0.0,), (0,))
    return replace(still, **changes)


def test_gamma_contrast_brightness_and_gain_follow_one_another():
    light = one_light(
        exponent=np.array([[2.0]]),
        contrast=np.array([[1.5]]),
        brightness=np.array([[0.25]]),
        gain=np.array([[1.0, 0.8, 2.0]]),
    )
    # 0.6 squared is 0.36; (0.36 - 0.5) * 1.5 + 0.5 + 0.25 = 0.54; 153 / 255 = 0.6
    changed = change_light(torch.full((1, 3, 2, 2), 153, dtype=torch.uint8), light)
    torch.testing.assert_close(changed[0, :, 0, 0], torch.tensor([0.54, 0.432, 1.0]))


def test_saturation_weighs_colour_against_grey():
    colour = torch.tensor([0.9, 0.3, 0.6]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    changed = change_light(colour, one_light(saturation=np.array([-0.5])))  # half of the way to the mean 0.6
    torch.testing.assert_close(changed[0, :, 0, 0], torch.tensor([0.75, 0.45, 0.6]))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.bfloat16, 0.01)])
def test_floats_change_as_bytes_do_and_keep_their_type(dtype, tolerance):
    images, config = noisy(3, 3, 16, 16), PhotometricConfig(blur_probability=1, noise_probability=1)
    changed = lit((images.float() / 255).to(dtype), config, seed=5)
    assert changed.dtype == dtype
    torch.testing.assert_close(changed.float(), lit(images, config, seed=5), rtol=0, atol=tolerance)


@pytest.mark.parametrize("channels", [1, 4])
def test_images_of_other_channels_change_too_but_have_no_saturation(channels):
    images, config = noisy(2, channels, 16, 16), PhotometricConfig(saturation=0)
    changed = lit(images, config, seed=0)
    assert changed.shape == images.shape
    assert (changed - images.float() / 255).abs().amax((1, 2, 3)).min() > 0.02, "both images change"
    with pytest.raises(ValueError, match=f"saturation is 0.5, but images of {channels} channels have none"):
        lit(images, PhotometricConfig(), seed=0)


def test_settings_below_0_and_chances_above_1_are_refused():
    with pytest.raises(ValueError, match=r"photometric\.gamma must be >= 0, but was -1"):
        PhotometricConfig(gamma=-1)
    with pytest.raises(ValueError, match=r"photometric\.noise_probability must be <= 1, but was 2"):
        PhotometricConfig(noise_probability=2)

import numpy as np
import pytest
import torch

from models.soiling.dirty_gan.applying import DirtyGan, clean_images, soil_images
from models.soiling.dirty_gan.networks import build_networks
from models.soiling.masks import smooth
from models.translation.images import to_bytes, to_floats
from tests.models.soiling.toy_soiling import HEIGHT, TINY_GAN, WIDTH, draw_masks, draw_photos, random_opacity


def random_gan() -> DirtyGan:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return DirtyGan(TINY_GAN, build_networks(TINY_GAN).eval(), torch.device("cpu"))


def test_pixels_outside_of_the_mask_are_the_inputs_to_the_byte_and_those_inside_change():
    photos = np.random.default_rng(0).integers(0, 256, (3, HEIGHT, WIDTH, 3), dtype=np.uint8)
    masks = draw_masks(3, seed=1, height=HEIGHT, width=WIDTH)
    soiled = soil_images(random_gan(), photos, masks)
    assert soiled.dtype == np.uint8 and soiled.shape == photos.shape
    assert 0.05 < (masks == 0).mean() < 0.95
    np.testing.assert_array_equal(soiled[masks == 0], photos[masks == 0])
    assert (soiled[masks == 1] != photos[masks == 1]).mean() > 0.9


def test_with_a_full_mask_nothing_of_the_input_is_left_but_what_the_soiler_makes_of_it():
    gan, photos = random_gan(), draw_photos(1, seed=0)
    soiled = soil_images(gan, photos, np.ones((1, 16, 16), np.float32))
    pixels = to_floats(torch.from_numpy(photos).permute(0, 3, 1, 2))
    with torch.inference_mode():
        proposal = gan.networks["soiler"](torch.cat((pixels, torch.ones(1, 1, HEIGHT, WIDTH)), 1))
    expected = to_bytes(proposal).permute(0, 2, 3, 1).numpy()
    assert np.abs(soiled.astype(int) - expected).max() <= 1


def test_masks_of_another_size_are_brought_to_the_images():
    photos, mask = draw_photos(1, seed=0), np.zeros((1, 16, 20), np.float32)
    mask[:, :8, :] = 1.0
    changed = (soil_images(random_gan(), photos, mask) != photos).any(-1)[0]
    assert changed[:16].mean() > 0.9 and not changed[17:].any()


def test_images_are_soiled_alike_in_batches_of_any_size():
    photos, masks = draw_photos(3, seed=0), draw_masks(3, seed=1)
    whole, parts = (soil_images(random_gan(), photos, masks, batch_size=size) for size in (8, 2))
    assert np.abs(whole.astype(int) - parts).max() <= 1


def test_soiling_is_taken_from_where_the_segmenter_finds_it():
    gan, opacity, photos = random_gan(), random_opacity(), draw_photos(2, seed=0)
    found = clean_images(gan, photos, opacity)
    pixels = to_floats(torch.from_numpy(photos).permute(0, 3, 1, 2))
    with torch.inference_mode():
        mask = smooth(opacity(pixels), TINY_GAN.smoothing_px)
        proposal = gan.networks["cleaner"](torch.cat((pixels, mask), 1))
    expected = to_bytes((1 - mask) * pixels + mask * proposal).permute(0, 2, 3, 1).numpy()
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_a_mask_for_each_image_is_asked_for():
    with pytest.raises(ValueError, match=r"There are 2 images but 3 masks"):
        soil_images(random_gan(), draw_photos(2, seed=0), draw_masks(3, seed=1))

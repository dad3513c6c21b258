import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from models.soiling.baseline import (
    Baseline,
    blend_enlarged,
    soil_at_quarter_size,
    soil_by_baseline,
    soil_images_by_baseline,
)
from models.soiling.masks import resize_mask, smooth
from models.soiling.super_resolution.config import SuperResolutionConfig
from models.soiling.super_resolution.network import EDSR, reduce_images
from models.translation.images import to_floats
from tests.models.soiling.toy_soiling import draw_masks, random_opacity

HEIGHT, WIDTH = 64, 96
IMAGES = torch.rand(2, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0)) * 2 - 1


def enlarge(images_bchw: Tensor) -> Tensor:
    with torch.no_grad():
        return EDSR(SuperResolutionConfig(filters=4, blocks=1))(images_bchw)


def darken(images_bchw: Tensor) -> Tensor:
    return 0.5 * images_bchw - 0.5


def test_the_baseline_is_the_seeds_composition_step_by_step():
    baseline = Baseline(translate=darken, opacity=random_opacity(), enlarge=enlarge)
    with torch.inference_mode():
        found, mask = soil_by_baseline(baseline, IMAGES)
        small = darken(reduce_images(IMAGES))
        assert small.shape == (2, 3, 16, 24)
        small_mask = smooth(random_opacity()(small), 4.0)
        expected_mask = functional.interpolate(
            small_mask, scale_factor=4, mode="bilinear", align_corners=False
        )
        torch.testing.assert_close(mask, expected_mask)
        torch.testing.assert_close(found, IMAGES + mask * (enlarge(small) - IMAGES))
    assert found.shape == IMAGES.shape and mask.shape == (2, 1, HEIGHT, WIDTH)


def test_opacity_is_enlarged_bilinearly_and_never_by_the_network_of_colours():
    mask = torch.zeros(1, 1, 16, 24)
    mask[..., 12:] = 1.0
    asked = []

    def watched(images_bchw: Tensor) -> Tensor:
        asked.append(images_bchw.shape)
        return enlarge(images_bchw)

    _, enlarged = blend_enlarged(IMAGES[:1], reduce_images(IMAGES[:1]), mask, watched)
    assert asked == [(1, 3, 16, 24)]
    assert enlarged[0, 0, 30, 44:52].tolist() == pytest.approx([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1])


def test_at_a_quarter_of_the_size_pixels_far_from_the_mask_stay_as_they_are():
    mask = torch.zeros(2, 1, 16, 24)
    mask[..., :6] = 0.7
    seen = []

    def soil(images_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
        seen.append((images_bchw, mask_b1hw))
        return images_bchw + mask_b1hw * (darken(images_bchw) - images_bchw)

    found, enlarged = soil_at_quarter_size(IMAGES, mask, soil=soil, enlarge=enlarge)
    assert torch.equal(seen[0][1], mask)
    torch.testing.assert_close(seen[0][0], reduce_images(IMAGES))
    assert torch.equal(found[..., 26:], IMAGES[..., 26:])
    assert (found[..., :20] != IMAGES[..., :20]).float().mean() > 0.9
    torch.testing.assert_close(enlarged, resize_mask(mask, (HEIGHT, WIDTH)))


def test_a_mask_of_a_vae_is_brought_to_a_quarter_of_the_images_size_first():
    mask = torch.from_numpy(draw_masks(2, seed=0))[:, None]
    _, enlarged = soil_at_quarter_size(IMAGES, mask, soil=lambda images, mask: images, enlarge=enlarge)
    torch.testing.assert_close(enlarged, resize_mask(resize_mask(mask, (16, 24)), (HEIGHT, WIDTH)))


def test_bytes_come_out_with_their_masks():
    photos = np.random.default_rng(0).integers(0, 256, (3, HEIGHT, WIDTH, 3), dtype=np.uint8)
    baseline = Baseline(translate=darken, opacity=random_opacity(), enlarge=enlarge)
    soiled, masks = soil_images_by_baseline(baseline, photos, torch.device("cpu"), batch_size=2)
    assert soiled.dtype == np.uint8 and soiled.shape == photos.shape
    assert masks.dtype == np.float32 and masks.shape == (3, HEIGHT, WIDTH)
    one, mask = soil_by_baseline(baseline, to_floats(torch.from_numpy(photos[2:]).permute(0, 3, 1, 2)))
    expected = ((one[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).detach().numpy()
    assert np.abs(soiled[2] - expected).max() <= 1
    np.testing.assert_allclose(masks[2], mask[0, 0].detach(), atol=1e-5)


def test_sides_that_generators_cannot_halve_are_refused():
    baseline = Baseline(translate=darken, opacity=random_opacity(), enlarge=enlarge)
    with pytest.raises(
        ValueError, match=r"100 x 64 px do not have sides that are multiples of 16; crop them to 96 x 64"
    ):
        soil_by_baseline(baseline, torch.zeros(1, 3, 64, 100))

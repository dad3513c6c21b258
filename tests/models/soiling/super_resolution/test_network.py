import math

import cv2
import numpy as np
import pytest
import torch

from models.soiling.super_resolution.config import SuperResolutionConfig
from models.soiling.super_resolution.network import EDSR, enlarge_bicubic, psnr_db, reduce_images

SMALL = SuperResolutionConfig(filters=4, blocks=2)


def images(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_full_size_is_the_papers_smaller_network_for_x4():
    count = sum(weight.numel() for weight in EDSR(SuperResolutionConfig()).parameters())
    # 3 x 3 convolutions: in, two of each of 16 blocks and one after them, two that shuffle, out; 1.52 million as published.
    body = 33 * (9 * 64 * 64 + 64)
    assert count == 9 * 3 * 64 + 64 + body + 2 * (9 * 64 * 256 + 256) + 9 * 64 * 3 + 3 == 1_517_571


def test_images_come_out_four_times_as_large_whatever_their_sides():
    assert EDSR(SMALL)(images(2, 3, 9, 14)).shape == (2, 3, 36, 56)


def test_an_untrained_network_interpolates():
    found = EDSR(SMALL)(images(1, 3, 12, 12))
    torch.testing.assert_close(found, enlarge_bicubic(images(1, 3, 12, 12)))


def test_interpolation_is_opencvs_bicubic():
    small = images(1, 1, 10, 12)
    # torch's cubic has a = -0.75, as OpenCV's; at the border both repeat the last pixels.
    expected = cv2.resize(small[0, 0].numpy(), (48, 40), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(enlarge_bicubic(small)[0, 0].numpy(), expected, atol=1e-5)


def test_images_are_reduced_to_a_quarter_without_aliases_and_within_their_range():
    stripes = torch.zeros(1, 3, 32, 64)
    stripes[..., ::4] = 1.0  # where four pixels in the middle of each place would hardly see them
    reduced = reduce_images(stripes)
    assert reduced.shape == (1, 3, 8, 16)
    torch.testing.assert_close(reduced[..., 2:-2], torch.full((1, 3, 8, 12), 0.25))
    edge = torch.ones(1, 3, 32, 32)
    edge[..., :16] = -1.0  # cubic interpolation overshoots beside an edge
    assert reduce_images(edge).abs().max() <= 1


def test_psnr_is_of_the_range_from_minus_1_to_1_and_of_each_image():
    first, second = torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 4, 4)
    second[0] = 0.2
    second[1, :, :2] = 1.0
    # 20 log10(2 / 0.2), and a mean squared error of 1 / 2.
    assert psnr_db(first, second).tolist() == pytest.approx([20.0, 10 * math.log10(8)], abs=1e-4)
    assert psnr_db(first, first).tolist() == [math.inf] * 2
    assert psnr_db(torch.full((1, 3, 2, 2), 1.0), torch.full((1, 3, 2, 2), 3.0)).item() == math.inf  # clipped


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"crop_px": 98}, r"crop_px must be a multiple of 4 and >= 16, but was 98"),
        ({"filters": 0}, r"filters must be >= 1, but was 0"),
    ],
)
def test_sizes_that_cannot_be_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        SuperResolutionConfig(**fields)

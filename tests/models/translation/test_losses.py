import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from models.arithmetic.devices import autocast
from models.translation.losses import (
    change_outside,
    edge_dissimilarity,
    feature_distance,
    gaussian_kl,
    instance_normalised,
    patch_contrast,
    perceptual_distance,
    pixel_distance,
)


def test_pixel_distance_is_the_mean_of_absolute_differences():
    first, second = torch.tensor([[1.0, -1.0], [0.5, 0.0]]), torch.tensor([[0.0, 1.0], [0.5, 0.25]])
    assert pixel_distance(first, second).item() == (1 + 2 + 0 + 0.25) / 4


def test_feature_distance_sums_norms_over_layers_and_averages_over_images():
    first = [torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[1.0], [2.0]])]
    second = [torch.zeros(2, 2), torch.zeros(2, 1)]
    # image 1: 5 + 1; image 2: 0 + 2
    assert math.isclose(feature_distance(first, second).item(), (6 + 2) / 2)


def test_feature_distance_of_equal_features_has_a_finite_gradient():
    features = torch.ones(1, 4, requires_grad=True)
    feature_distance([features], [torch.ones(1, 4)]).backward()
    assert torch.isfinite(features.grad).all()


def channel(*values: float) -> torch.Tensor:
    """Features [1, 1, 1, w] of one channel."""
    return torch.tensor(values).view(1, 1, 1, -1)


def test_the_perceptual_distance_sees_neither_the_mean_nor_the_scale_of_a_channel():
    # Both are -1, 1 when they are normalised, the third is 1, -1: (2^2 + 2^2) / 2.
    assert perceptual_distance([channel(0, 2)], [channel(10, 50)]).item() == pytest.approx(0, abs=1e-9)
    assert perceptual_distance([channel(0, 2)], [channel(50, 10)]).item() == pytest.approx(4, rel=1e-4)
    layers = [channel(0, 2), channel(0, 0, 3, 3)], [channel(50, 10), channel(0, 2, 0, 2)]
    # -1, -1, 1, 1 against -1, 1, -1, 1: half of the values differ by 2
    assert perceptual_distance(*layers).item() == pytest.approx(4 + 2, rel=1e-4)


def test_each_channel_of_each_image_is_normalised_alone():
    features = torch.randn(2, 3, 5, 4, dtype=torch.float32) * 7 + 2
    expected = nn.InstanceNorm2d(3)(features)
    torch.testing.assert_close(instance_normalised(features), expected)


def test_the_divergence_of_codes_of_unit_variance_is_half_the_square_of_their_means():
    means = torch.tensor([3.0, -1.0, 0.0, 0.5])
    normals = torch.distributions.Normal(means, 1), torch.distributions.Normal(torch.zeros(4), 1)
    assert gaussian_kl(means).item() == (9 + 1 + 0 + 0.25) / 4
    torch.testing.assert_close(gaussian_kl(means), 2 * torch.distributions.kl_divergence(*normals).mean())


def test_change_outside_counts_only_pixels_in_no_outline():
    before, after = torch.zeros(2, 3, 2, 2), torch.zeros(2, 3, 2, 2)
    outline = torch.ones(2, 1, 2, 2)
    outline[0, 0, 0, 0] = outline[1, 0, 1, 0] = 0  # two pixels of three values lie outside
    after[0, :, 0, 0] = torch.tensor([1.0, -2.0, 0.0])
    after[1, 2, 1, 0] = 3.0
    after[0, :, 1, 1] = 100.0  # inside
    assert change_outside(before, after, outline).item() == (1 + 2 + 3) / 6
    assert change_outside(before, after, torch.ones(2, 1, 2, 2)).item() == 0


def ramp(along: str) -> torch.Tensor:
    """Grey [1, 3, 8, 8] that rises by 0.1 a pixel."""
    steps = torch.arange(8.0) / 10
    return (steps if along == "x" else steps[:, None]).expand(1, 3, 8, 8)


@pytest.mark.parametrize(
    ("after", "expected"), [(ramp("x"), 0), (0.3 * ramp("x") + 0.5, 0), (-ramp("x"), 2), (ramp("y"), 1)]
)
def test_edges_are_compared_whatever_their_strength(after, expected):
    region = torch.zeros(1, 1, 8, 8)
    region[..., 2:6, 2:6] = 1
    assert edge_dissimilarity(ramp("x"), after, region).item() == pytest.approx(expected, abs=1e-5)


def test_edges_outside_the_region_and_images_without_one_do_not_count():
    before, after = ramp("x").repeat(2, 1, 1, 1), torch.cat((ramp("x"), ramp("y")))
    after[0, :, :, 6:] = 5.0  # the change of its edges reaches column 5
    region = torch.zeros(2, 1, 8, 8)
    region[0, :, 2:6, 2:5] = 1  # none in the second image
    assert edge_dissimilarity(before, after, region).item() == pytest.approx(0, abs=1e-5)


def test_edge_dissimilarity_is_that_of_numpys_gradients():
    before, after = torch.rand(2, 3, 9, 11), torch.rand(2, 3, 9, 11)
    region = (torch.rand(2, 1, 9, 11) > 0.4).float()
    expected = []
    for one, other, mask in zip(before.numpy(), after.numpy(), region.numpy(), strict=True):
        first, second = (np.tensordot([0.299, 0.587, 0.114], image, 1) for image in (one, other))
        parts = [[], []]
        for part, luma in zip(parts, (first, second), strict=True):
            along_y, along_x = np.gradient(luma)
            along_y[[0, -1]] = along_x[:, [0, -1]] = 0
            part.extend([along_x * mask[0], along_y * mask[0]])
        left, right = np.array(parts[0]).ravel(), np.array(parts[1]).ravel()
        expected.append(1 - left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))
    found = edge_dissimilarity(before, after, region).item()
    assert found == pytest.approx(np.mean(expected), rel=1e-5)


def unit_vectors(*shape: int) -> torch.Tensor:
    return functional.normalize(torch.randn(shape), dim=-1)


def test_patch_contrast_is_a_cross_entropy_over_the_patches_of_the_same_image():
    queries, keys = unit_vectors(2, 3, 4), unit_vectors(2, 3, 4)
    losses = []
    for query_pc, key_pc in zip(queries.numpy(), keys.numpy(), strict=True):
        for number, query in enumerate(query_pc):
            exponentials = np.exp(key_pc @ query / 0.07)
            losses.append(-np.log(exponentials[number] / exponentials.sum()))
    found = patch_contrast(queries, keys, temperature=0.07)
    assert found.item() == pytest.approx(np.mean(losses), rel=1e-5)
    each = [
        nn.CrossEntropyLoss()((keys[image] @ queries[image, patch] / 0.07)[None], torch.tensor([patch]))
        for image in range(2)
        for patch in range(3)
    ]
    torch.testing.assert_close(found, torch.stack(each).mean())


def test_patch_contrast_of_two_opposite_patches_is_that_worked_out_by_hand():
    vectors = torch.tensor([[[1.0, 0.0], [-1.0, 0.0]]])
    # similarities 1 / 0.5 = 2 with its own key and -2 with the other: log(1 + e^-4)
    found = patch_contrast(vectors, vectors, temperature=0.5).item()
    assert found == pytest.approx(math.log(1 + math.exp(-4)), rel=1e-5)


def test_patch_contrast_teaches_the_queries_alone():
    queries, keys = unit_vectors(1, 3, 4).requires_grad_(), unit_vectors(1, 3, 4).requires_grad_()
    patch_contrast(queries, keys, temperature=0.07).backward()
    assert queries.grad is not None
    assert queries.grad.abs().sum() > 0
    assert keys.grad is None


def test_patches_are_contrasted_in_float32_also_under_autocast():
    queries, keys = (functional.normalize(torch.rand(2, 16, 8), dim=-1) for _ in range(2))
    expected = patch_contrast(queries, keys, temperature=0.07)
    with autocast(torch.device("cpu"), "bf16"):
        assert torch.equal(patch_contrast(queries, keys, temperature=0.07), expected)


def test_losses_of_bf16_images_are_taken_in_float32():
    one, other = torch.rand(1, 3, 40, 40).bfloat16(), torch.rand(1, 3, 40, 40).bfloat16()
    mask = torch.ones(1, 1, 40, 40)
    for found, expected in (
        (pixel_distance(one, other), pixel_distance(one.float(), other.float())),
        (feature_distance([one], [other]), feature_distance([one.float()], [other.float()])),
        (edge_dissimilarity(one, other, mask), edge_dissimilarity(one.float(), other.float(), mask)),
        (change_outside(one, other, 0 * mask), change_outside(one.float(), other.float(), 0 * mask)),
        (perceptual_distance([one], [other]), perceptual_distance([one.float()], [other.float()])),
        (gaussian_kl(one), gaussian_kl(one.float())),
    ):
        assert found.dtype == torch.float32
        assert torch.equal(found, expected)

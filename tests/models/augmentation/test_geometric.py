import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as transforms

from models.augmentation.config import GeometricConfig
from models.augmentation.geometric import (
    IGNORE_LABEL,
    Placement,
    draw_placement,
    draw_turn,
    place_boxes,
    place_image,
    place_label_map,
)

BOX = (30.0, 18.0, 54.0, 28.0)
EVERYTHING = GeometricConfig(
    rotation="any", tilt_deg=5, shear_deg=15, smallest_scale=0.7, largest_scale=1.5, crop_hw=(48, 64)
)
PLACEMENTS = [
    Placement(),
    Placement(is_flipped=True),
    Placement(is_flipped=True, angle_deg=180.0),
    Placement(angle_deg=90.0),
    Placement(is_flipped=True, angle_deg=30.0),
    Placement(angle_deg=250.0),
    Placement(scale=1.7, shift_xy=(4.5, 6.25)),
    Placement(shear_deg=25.0),
    Placement(angle_deg=20.0, shear_deg=-20.0, scale=1.3),
    Placement(shift_xy=(-7.0, 3.0), crop_hw=(46, 62)),
    Placement(
        is_flipped=True, angle_deg=-40.0, scale=0.8, shear_deg=10, shift_xy=(5.0, -3.5), crop_hw=(50, 70)
    ),
]


def ellipse(box: tuple[float, float, float, float] = BOX, label: int = 1) -> torch.Tensor:
    """uint8 [60, 80], `label` inside the ellipse of `box`."""
    left, top, right, bottom = box
    y, x = np.mgrid[:60, :80] + 0.5
    inside = ((x - (left + right) / 2) / (right - left)) ** 2 + (
        (y - (top + bottom) / 2) / (bottom - top)
    ) ** 2
    return torch.from_numpy((label * (inside <= 0.25)).astype(np.uint8))


def as_image(labels_hw: torch.Tensor) -> torch.Tensor:
    return (labels_hw == 1).to(torch.uint8).mul(255).expand(3, 60, 80)


def box_of(is_inside: torch.Tensor) -> list[int]:
    rows, columns = is_inside.nonzero(as_tuple=True)
    return [columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1]


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
def test_a_label_map_lies_where_its_image_does(placement):
    labels = ellipse()
    seen = place_image(as_image(labels), placement)[0] > 127
    placed = place_label_map(labels, placement)
    assert seen.sum() > 100
    differing = ((placed == 1) != seen).sum() / seen.sum()
    assert differing < 0.06, "only at the rim, where bilinear and nearest round differently"
    box = place_boxes(np.array([BOX], np.float32), placement, image_hw=(60, 80))[0]
    np.testing.assert_allclose(box_of(placed == 1), box, atol=1.6)
    np.testing.assert_allclose(box_of(seen), box, atol=1.6)


def test_a_label_map_lies_where_its_image_does_whatever_is_drawn():
    rng, labels = np.random.default_rng(0), ellipse()
    for _ in range(50):
        placement = draw_placement(EVERYTHING, rng, image_hw=(60, 80))
        seen = place_image(as_image(labels), placement)[0] > 127
        placed = place_label_map(labels, placement)
        assert placed.shape == seen.shape == (48, 64)
        # wherever the rim of the ellipse or of the image runs: it is a pixel wide
        assert ((placed == 1) != seen).sum() <= 0.1 * seen.sum() + 4


def test_labels_never_take_values_that_were_not_there():
    rng = np.random.default_rng(0)
    labels = torch.from_numpy(rng.choice([0, 7, 200], (60, 80)).astype(np.uint8))
    for _ in range(30):
        placed = place_label_map(labels, draw_placement(EVERYTHING, rng, image_hw=(60, 80)))
        assert set(placed.unique().tolist()) <= {0, 7, 200, IGNORE_LABEL}


def test_labels_are_ignored_just_where_nothing_is_known():
    placement = Placement(angle_deg=35.0, scale=0.9)
    white = place_image(torch.ones(1, 60, 80), placement)[0]
    is_ignored = place_label_map(torch.ones(60, 80, dtype=torch.uint8), placement) == IGNORE_LABEL
    assert 0.2 < is_ignored.float().mean() < 0.6
    # bilinear sampling fades towards its outside; half of a pixel's weight lies inside at the very edge
    assert (white[is_ignored] <= 0.51).all() and (white[~is_ignored] >= 0.24).all()
    other = place_label_map(torch.ones(60, 80, dtype=torch.int64), placement, ignore_label=-1)
    assert torch.equal(other == -1, is_ignored)


def test_images_turn_as_torchvision_turns_them():
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 60, 80), dtype=np.uint8))
    for angle in (13.0, 90.0, 171.5, 300.0):
        expected = transforms.rotate(image, angle, interpolation=transforms.InterpolationMode.BILINEAR)
        assert torch.equal(place_image(image, Placement(angle_deg=angle)), expected)


def test_images_lean_grow_and_shift_as_torchvision_moves_them():
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 60, 80), dtype=np.uint8)).float()
    # its shear is along the other way, and before it turns as ours; its angle is clockwise
    expected = transforms.affine(
        image, -20.0, [6, -4], 1.25, [-12.0, 0.0], interpolation=transforms.InterpolationMode.BILINEAR
    )
    placed = place_image(image, Placement(angle_deg=20.0, shift_xy=(6, -4), scale=1.25, shear_deg=12.0))
    torch.testing.assert_close(placed, expected, rtol=0, atol=0.02)


@pytest.mark.parametrize("is_flipped", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_quarter_turns_of_a_square_move_whole_pixels(quarters, is_flipped):
    image = np.random.default_rng(0).random((2, 9, 9)).astype(np.float32)
    expected = np.rot90(image[..., ::-1] if is_flipped else image, quarters, (1, 2))
    placement = Placement(is_flipped, 90.0 * quarters)
    assert np.array_equal(place_image(torch.from_numpy(image), placement).numpy(), expected)
    labels = torch.from_numpy(image[0] > 0.5).to(torch.int64)
    placed = place_label_map(labels, placement).numpy()
    assert np.array_equal(placed, expected[0] > 0.5)


def test_a_crop_without_scale_is_a_window_of_the_image():
    image = torch.from_numpy(np.random.default_rng(0).random((3, 61, 80)).astype(np.float32))
    rng, config, corners = (
        np.random.default_rng(0),
        GeometricConfig(flip_probability=0, crop_hw=(60, 77)),
        set(),
    )
    for _ in range(60):
        placement = draw_placement(config, rng, image_hw=(61, 80))
        left, top = (80 - 77) / 2 - placement.shift_xy[0], (61 - 60) / 2 - placement.shift_xy[1]
        corners.add((left, top))
        expected = image[:, int(top) : int(top) + 60, int(left) : int(left) + 77]
        assert torch.equal(place_image(image, placement), expected)
    assert corners == {(left, top) for left in range(4) for top in range(2)}


def test_an_image_that_is_smaller_than_the_crop_lies_anywhere_in_it():
    rng, config = np.random.default_rng(0), GeometricConfig(flip_probability=0, crop_hw=(12, 14))
    labels, corners = torch.zeros(10, 12, dtype=torch.uint8), set()
    for _ in range(60):
        placed = place_label_map(labels, draw_placement(config, rng, image_hw=(10, 12)))
        assert (placed == 0).sum() == 10 * 12
        corners.add(tuple(box_of(placed == 0)[:2]))
    assert corners == {(left, top) for left in range(3) for top in range(3)}


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_images_keep_their_type_and_any_channels_lie_alike(dtype, channels):
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, channels, 60, 80))).to(dtype)
    placement = Placement(True, 33.0, scale=1.2, crop_hw=(40, 50))
    placed = place_image(image, placement)
    assert placed.dtype == dtype and placed.shape == (2, channels, 40, 50)
    for number in range(2):
        for channel in range(channels):
            alone = place_image(image[number, channel : channel + 1], placement)
            assert torch.equal(placed[number, channel], alone[0])


def test_placing_within_autocast_is_as_exact_as_without():
    image, placement = (
        torch.rand(1, 60, 80, generator=torch.Generator().manual_seed(0)),
        Placement(angle_deg=33.0),
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        placed = place_image(image, placement)
    assert torch.equal(placed, place_image(image, placement))


def test_a_matrix_and_its_inverse_undo_one_another():
    for placement in PLACEMENTS:
        np.testing.assert_allclose(placement.matrix @ placement.inverse, np.eye(2), atol=1e-12)


def test_soft_masks_and_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="place a soft mask as an image"):
        place_label_map(torch.zeros(4, 4), Placement())
    with pytest.raises(ValueError, match=r"ignore_label is -1, which torch.uint8 cannot hold"):
        place_label_map(torch.zeros(4, 4, dtype=torch.uint8), Placement(), ignore_label=-1)


@pytest.mark.parametrize(
    ("rotation", "angles"),
    [
        ("none", {0.0}),
        ("half_turn", {0.0, 180.0}),
        ("quarter_turn", {0.0, 90.0, 180.0, 270.0}),
        ("any", None),
    ],
)
def test_rotation_draws_only_the_angles_it_names(rotation, angles):
    rng = np.random.default_rng(0)
    drawn = {draw_turn(GeometricConfig(rotation=rotation), rng).angle_deg for _ in range(50)}
    assert drawn == angles if angles is not None else len(drawn) == 50


def test_draws_stay_within_their_settings_and_reach_both_ends():
    rng, config = np.random.default_rng(0), replace(EVERYTHING, rotation="none", crop_hw=None)
    drawn = [draw_placement(config, rng, image_hw=(60, 80)) for _ in range(400)]
    for values, low, high in (
        ([each.angle_deg for each in drawn], -5, 5),
        ([each.shear_deg for each in drawn], -15, 15),
        ([math.log2(each.scale) for each in drawn], math.log2(0.7), math.log2(1.5)),
    ):
        slack = 0.05 * (high - low)  # an even draw misses it once in 10^9 trials of 400
        assert low <= min(values) < low + slack and high - slack < max(values) <= high
    assert 150 < sum(each.is_flipped for each in drawn) < 250


def test_a_setting_leaves_the_draws_of_the_others_alone():
    plain, scaled = (
        draw_placement(config, np.random.default_rng(4), image_hw=(60, 80))
        for config in (replace(EVERYTHING, smallest_scale=1, largest_scale=1), EVERYTHING)
    )
    assert (plain.angle_deg, plain.shear_deg) == (scaled.angle_deg, scaled.shear_deg)
    assert plain.scale == 1 != scaled.scale


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flip_probability": 1.5}, "flip_probability must be in 0..1, but was 1.5"),
        (
            {"rotation": "third"},
            "rotation must be one of none, half_turn, quarter_turn, any, but was 'third'",
        ),
        ({"tilt_deg": -1}, "tilt_deg must be in 0..180, but was -1"),
        ({"shear_deg": 60}, "shear_deg must be in 0..45, but was 60"),
        ({"smallest_scale": 2}, "not above largest_scale, but they were 2 and 1.0"),
        ({"crop_hw": (0, 5)}, r"crop_hw must be >= 1 px a side, but was \(0, 5\)"),
    ],
)
def test_settings_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        GeometricConfig(**changes)

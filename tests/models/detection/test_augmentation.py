import numpy as np
import pytest
import torch

from models.detection.augmentation import Turn, change_light, clip_boxes, draw_turn, turn_boxes, turn_image
from models.detection.config import AugmentationConfig

STILL = AugmentationConfig(
    flip_probability=0,
    brightness=0,
    contrast=0,
    gamma=0,
    color_gain=0,
    saturation=0,
    blur_probability=0,
    noise_probability=0,
)


def ellipse_image(box: tuple[float, float, float, float]) -> torch.Tensor:
    """uint8 [3, 60, 80], white inside the ellipse of `box`."""
    left, top, right, bottom = box
    y, x = np.mgrid[:60, :80] + 0.5
    inside = ((x - (left + right) / 2) / (right - left)) ** 2 + (
        (y - (top + bottom) / 2) / (bottom - top)
    ) ** 2
    return torch.from_numpy((255 * (inside <= 0.25)).astype(np.uint8)).expand(3, 60, 80)


def box_of_bright_pixels(image: torch.Tensor) -> list[float]:
    rows, columns = (image[0] > 127).nonzero(as_tuple=True)
    return [columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1]


@pytest.mark.parametrize("is_flipped", [False, True])
@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 90.0, 180.0, 250.0])
def test_boxes_turn_with_what_is_in_them(angle_deg, is_flipped):
    box = (30.0, 18.0, 54.0, 28.0)
    turn = Turn(is_flipped, angle_deg)
    turned = turn_boxes(np.array([box]), turn, image_hw=(60, 80))[0]
    seen = box_of_bright_pixels(turn_image(ellipse_image(box), turn))
    np.testing.assert_allclose(turned, seen, atol=1.6)


def test_a_box_that_mostly_left_the_image_is_not_asked_for():
    boxes = np.array([[-8, 0, 2, 10], [-4, 0, 6, 10]], np.float32)
    clipped, is_inside = clip_boxes(boxes, image_hw=(60, 80))
    assert clipped.tolist() == [[0, 0, 2, 10], [0, 0, 6, 10]]
    assert is_inside.tolist() == [False, True]


def test_without_any_setting_light_stays_as_it_is():
    images = torch.arange(2 * 3 * 8 * 8).remainder(256).to(torch.uint8).view(2, 3, 8, 8)
    changed = change_light(images, STILL, np.random.default_rng(0))
    torch.testing.assert_close(changed, images.float() / 255)


@pytest.mark.parametrize(
    "name",
    ["brightness", "contrast", "gamma", "color_gain", "saturation", "blur_probability", "noise_probability"],
)
def test_each_setting_of_light_changes_the_image_and_keeps_its_range(name):
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 16, 16), dtype=np.uint8))
    config = AugmentationConfig(**{**vars(STILL), name: 1.0})
    changed = change_light(images, config, np.random.default_rng(1))
    assert (changed - images.float() / 255).abs().max() > 0.02
    assert 0 <= changed.min() <= changed.max() <= 1


def test_the_same_generator_gives_the_same_image():
    images = torch.full((2, 3, 16, 16), 100, dtype=torch.uint8)
    config = AugmentationConfig(noise_probability=1, blur_probability=1)
    first, again, other = (change_light(images, config, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(
    ("rotation", "angles"), [("none", {0.0}), ("half_turn", {0.0, 180.0}), ("any", None)]
)
def test_rotation_draws_only_the_angles_it_names(rotation, angles):
    rng = np.random.default_rng(0)
    drawn = {draw_turn(AugmentationConfig(rotation=rotation), rng).angle_deg for _ in range(50)}
    assert drawn == angles if angles is not None else len(drawn) == 50

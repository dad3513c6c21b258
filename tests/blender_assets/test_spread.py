import numpy as np
import pytest

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.spread import ZonePlace, spread_over

CAMERA = Camera(FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), 200, 200, 2.5)
SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
LEFT = np.array([[-1.0, -1.0], [0.0, -1.0], [0.0, 1.0], [-1.0, 1.0]])


def draws(spread, count: int = 2000) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack([spread.draw(rng) for _ in range(count)])


def test_an_even_floor_is_covered_evenly() -> None:
    points = draws(spread_over(SQUARE, CAMERA))
    assert (np.abs(points) <= 1.0).all()
    assert np.abs(points.mean(axis=0)).max() < 0.05
    assert points.std(axis=0) == pytest.approx([2 / np.sqrt(12)] * 2, abs=0.03)


def test_weights_of_zones_are_shares_of_equal_ground() -> None:
    zones = (ZonePlace(LEFT, 3.0), ZonePlace(SQUARE, 1.0))
    points = draws(spread_over(SQUARE, CAMERA, zones=zones))
    assert (points[:, 0] < 0).mean() == pytest.approx(4 / 5, abs=0.03)


def test_brightness_is_likeliness() -> None:
    density = np.full((200, 200), 50, dtype=np.uint8)
    density[:, 100:] = 150
    points = draws(spread_over(SQUARE, CAMERA, density=density))
    assert (points[:, 0] > 0).mean() == pytest.approx(0.75, abs=0.03)


def test_the_likeliest_place_has_likeliness_one() -> None:
    spread = spread_over(SQUARE, CAMERA, zones=(ZonePlace(LEFT, 0.5), ZonePlace(SQUARE, 0.5)))
    assert spread.likeliness_at(np.array([-0.5, 0.0])) == 1.0
    assert spread.likeliness_at(np.array([0.5, 0.0])) == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"density": np.zeros((200, 200), dtype=np.uint8)}, "density_image is black over the whole floor"),
        ({"density": np.ones((20, 30), dtype=np.uint8)}, "density_image is 30 x 20 pixels, but .* 200 x 200"),
        ({"zones": (ZonePlace(LEFT + 9, 1.0),)}, "zones cover nothing of the floor"),
        ({"zones": (ZonePlace(LEFT, 0.0),)}, "zones cover nothing of the floor with a weight above 0"),
    ],
)
def test_impossible_spreads_are_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spread_over(SQUARE, CAMERA, **change)


def test_a_floor_smaller_than_a_cell_is_named() -> None:
    with pytest.raises(ValueError, match=r"floor is smaller than a person: 0\.02 x 0\.02 m"):
        spread_over(SQUARE / 100, CAMERA)

import numpy as np
import pytest

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.lens.pinhole import Perspective
from tasks.sites.describing.figures import figure_at, figures_on

DOWN = Camera(FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), 1000, 1000, 3.5)
WHOLE = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0)]


def test_a_figure_reaches_from_its_feet_to_its_height():
    """3.5 m off the middle and 3.5 m below: 45 degrees, 250 px; 1.75 m below the camera: atan 2, 352.4 px."""
    figure = figure_at(DOWN, np.array([3.5, 0.0]))
    assert figure is not None and figure.foot_px == pytest.approx((750, 500), abs=0.1)
    assert max(x for x, _ in figure.head_px) == pytest.approx(852.4, abs=1.5)
    assert min(x for x, _ in figure.body_px) == pytest.approx(750 - 7, abs=5)
    assert np.mean([y for _, y in figure.head_px]) == pytest.approx(500, abs=1)


def test_figures_stand_on_the_floor_and_not_on_tables():
    floor = [(300.0, 300.0), (900.0, 300.0), (900.0, 900.0), (300.0, 900.0)]
    table = [(600.0, 300.0), (900.0, 300.0), (900.0, 900.0), (600.0, 900.0)]
    feet = np.array([figure.foot_px for figure in figures_on(DOWN, floor, [table])])
    assert len(feet) >= 4 and (feet >= 300).all() and (feet[:, 0] < 600).all() and (feet[:, 1] <= 900).all()


def test_figures_keep_apart_and_are_few():
    figures = figures_on(DOWN, WHOLE, [])
    spots = DOWN.pixels_to_plane([figure.foot_px for figure in figures], 0.0)[:, :2]
    apart = np.linalg.norm(spots[:, None] - spots[None], axis=2) + 9 * np.eye(len(spots))
    assert 6 <= len(figures) <= 12 and apart.min() > 1.3


def test_whoever_is_not_wholly_seen_is_no_figure():
    ahead = Camera(Perspective(model="perspective", hfov_deg=60), 400, 300, 2.5, 70.0)
    assert figure_at(ahead, np.array([0.0, -2.0])) is None  # behind
    assert figure_at(ahead, np.array([0.0, 5.0])) is not None
    assert figure_at(ahead, np.array([2.9, 5.0])) is None  # an arm out of the image

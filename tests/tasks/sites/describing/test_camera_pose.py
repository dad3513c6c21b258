"""People of known height, projected by hand, by OpenCV and by the site's own camera, give the camera's height back."""

import cv2
import numpy as np
import pytest

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import (
    FisheyeEquidistant,
    FisheyeEquisolid,
    FisheyePolynomial,
    LensCircle,
    OpenCVFisheye,
)
from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import OpenCVPinhole, Perspective
from tasks.sites.describing.camera_pose import Mark, estimate_pose

SIZE = 1024
PERSON_M = 1.75
LENSES = [
    FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180),
    FisheyeEquisolid(model="fisheye_equisolid", fov_deg=180),
    FisheyePolynomial(model="fisheye_polynomial", k1=330, k3=-6.0, fov_deg=180),
    OpenCVFisheye(model="opencv_fisheye", fx=330, fy=328, cx=511.5, cy=509, k1=-0.01, k2=0.002, fov_deg=180),
    OpenCVPinhole(model="opencv_pinhole", fx=560, fy=560, cx=511.5, cy=511.5, k1=-0.1, k2=0.01),
    Perspective(model="perspective", hfov_deg=90),
]
POSES = [(2.9, 0.0, 0.0), (3.4, 12.0, 130.0), (2.6, 45.0, 5.0), (4.0, 60.0, -8.0)]  # height, tilt, roll


def people_in_sight(camera: Camera, count: int, rng: np.random.Generator) -> np.ndarray:
    """[count, 2] places on the floor, 0.4 to 2 heights away, where a whole person is seen."""
    spots = rng.uniform(-2 * camera.height_m, 2 * camera.height_m, (3000, 2))
    away = np.linalg.norm(spots, axis=1) / camera.height_m
    ends = [camera.project(np.column_stack([spots, np.full(len(spots), z)])) for z in (0.0, PERSON_M)]
    seen = camera.sees(ends[0]) & camera.sees(ends[1]) & (away > 0.4) & (away < 2)
    return spots[seen][:count]


def mark(start: np.ndarray, end: np.ndarray, size_m: float = PERSON_M, kind: str = "person") -> Mark:
    return Mark.model_validate({"kind": kind, "start_px": list(start), "end_px": list(end), "size_m": size_m})


def marks_of(camera: Camera, spots: np.ndarray, rng: np.random.Generator, *, off_px: float) -> list[Mark]:
    """Feet and heads, each clicked `off_px` beside in a random direction."""
    pixels = [camera.project([[*spot, z] for z in (0.0, PERSON_M)]) for spot in spots]
    turns = rng.uniform(0, 2 * np.pi, (len(spots), 2))
    off = off_px * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    return [mark(*(ends + by)) for ends, by in zip(pixels, off, strict=True)]


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.model)
@pytest.mark.parametrize(("height_m", "tilt_deg", "roll_deg"), POSES)
def test_the_height_comes_back(lens: Lens, height_m: float, tilt_deg: float, roll_deg: float):
    """Within 2 % where clicks are exact, within 8 % where each is 2 px beside."""
    camera = Camera(lens, SIZE, SIZE, height_m, tilt_deg, roll_deg)
    rng = np.random.default_rng(7)
    is_one_enough = tilt_deg == 0 and lens.model.endswith(
        ("equidistant", "equisolid", "polynomial", "fisheye")
    )
    spots = people_in_sight(camera, 1 if is_one_enough else 3, rng)
    exact = estimate_pose(lens, (SIZE, SIZE), marks_of(camera, spots, rng, off_px=0))
    assert exact.pose.height_m == pytest.approx(height_m, rel=0.02)
    assert exact.pose.tilt_deg == pytest.approx(tilt_deg, abs=0.5) and max(exact.errors_px) < 1
    for _ in range(3):
        found = estimate_pose(lens, (SIZE, SIZE), marks_of(camera, spots, rng, off_px=2))
        assert found.pose.height_m == pytest.approx(height_m, rel=0.08)
        assert found.pose.tilt_deg == pytest.approx(tilt_deg, abs=3) and found.is_agreed


def test_one_person_reckoned_by_hand():
    """Feet 45 degrees off axis at 250 px, so as far away as the camera is high: 3.5 m. The head is 1.75 m below: atan 2."""
    circle = LensCircle(cx=500, cy=500, radius=500)
    lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180, circle_px=circle)
    head_px = 500 * np.degrees(np.arctan(2)) / 90
    found = estimate_pose(lens, (1000, 1000), [mark(np.array([500, 750]), np.array([500, 500 + head_px]))])
    assert found.pose.height_m == pytest.approx(3.5, rel=1e-3) and found.pose.tilt_deg == 0


def test_a_distance_on_the_floor_reckoned_by_hand():
    """Straight down at 90 degrees across 1000 px, 500 px are 45 degrees: from below to there it is one height, 3 m."""
    lens = Perspective(model="perspective", hfov_deg=90)
    walked = mark(np.array([500, 500]), np.array([1000, 500]), 3.0, "distance")
    found = estimate_pose(lens, (1000, 1000), [walked], mount="down")
    assert found.pose.height_m == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize("lens", LENSES[3:5], ids=lambda lens: lens.model)
def test_opencv_s_own_projection_gives_the_pose_back(lens):
    """50 degrees from straight down at 3.2 m, in OpenCV's axes: x right, y down, z ahead."""
    tilt, height_m = np.radians(50), 3.2
    ahead, below = [0, np.sin(tilt), -np.cos(tilt)], [0, -np.cos(tilt), -np.sin(tilt)]
    turn, _ = cv2.Rodrigues(np.array([[1, 0, 0], below, ahead], dtype=float))
    move = -cv2.Rodrigues(turn)[0] @ [0, 0, height_m]
    spots = [(-0.8, 2.6), (0.9, 3.4), (0.2, 4.6)]
    points = np.array([[x, y, z] for x, y in spots for z in (0.0, PERSON_M)], dtype=float)
    matrix = np.array([[lens.fx, 0, lens.cx], [0, lens.fy, lens.cy], [0, 0, 1]])
    if isinstance(lens, OpenCVFisheye):
        numbers = np.array([lens.k1, lens.k2, lens.k3, lens.k4])
        pixels, _ = cv2.fisheye.projectPoints(points[None], turn, move, matrix, numbers)
    else:
        numbers = np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3])
        pixels, _ = cv2.projectPoints(points, turn, move, matrix, numbers)
    # OpenCV has the middle of the first pixel at 0, marks have it at 0.5.
    ends = pixels.reshape(-1, 2, 2) + 0.5
    found = estimate_pose(lens, (SIZE, SIZE), [mark(*pair) for pair in ends])
    assert found.pose.height_m == pytest.approx(height_m, rel=0.01)
    assert found.pose.tilt_deg == pytest.approx(50, abs=0.5) and abs(found.pose.roll_deg) < 0.5


def test_the_error_that_is_told_is_the_error_that_is_made():
    camera = Camera(LENSES[0], SIZE, SIZE, 2.9)
    rng = np.random.default_rng(3)
    spots = people_in_sight(camera, 40, rng)
    found = [
        estimate_pose(LENSES[0], (SIZE, SIZE), marks_of(camera, spots[k : k + 1], rng, off_px=2))
        for k in range(40)
    ]
    off = np.abs([estimate.pose.height_m / 2.9 - 1 for estimate in found])
    told = np.array([estimate.height_error for estimate in found])
    assert (off < 2 * told).mean() > 0.9 and told.max() < 0.06


def test_two_people_at_odds_are_told():
    camera = Camera(LENSES[0], SIZE, SIZE, 2.9)
    rng = np.random.default_rng(3)
    marks = marks_of(camera, people_in_sight(camera, 3, rng), rng, off_px=0)
    wrong = marks[1].model_copy(update={"size_m": 0.9})
    assert not estimate_pose(LENSES[0], (SIZE, SIZE), [marks[0], wrong, marks[2]], mount="down").is_agreed


def test_one_person_before_a_tilted_pinhole_is_said_to_be_rough():
    camera = Camera(LENSES[5], SIZE, SIZE, 4.0, 60.0)
    rng = np.random.default_rng(3)
    (lonely,) = marks_of(camera, np.array([[0.0, 4.0]]), rng, off_px=0)
    together = marks_of(camera, np.array([[0.0, 4.0], [1.0, 7.0], [-1.0, 2.6]]), rng, off_px=0)
    rough = estimate_pose(LENSES[5], (SIZE, SIZE), [lonely]).height_error
    assert rough > 3 * estimate_pose(LENSES[5], (SIZE, SIZE), together).height_error

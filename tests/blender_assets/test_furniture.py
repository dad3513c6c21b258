import numpy as np
import pytest

from blender_assets.furniture import BASE_RADIUS_M, KIND_SHARES, Chair, build_chair, lean_on, seat_height


def sitter(lean: float = 0.0, arms_z: float | None = None) -> np.ndarray:
    """Points of a trunk 0.3 m wide from the seat at 0.46 m to the shoulders, with thighs toward -y."""
    rng = np.random.default_rng(0)
    torso = rng.uniform([-0.15, -0.1, 0.46], [0.15, 0.12, 1.2], (4000, 3))
    torso[:, 1] += lean * (torso[:, 2] - 0.46)
    thighs = rng.uniform([-0.15, -0.5, 0.46], [0.15, 0.0, 0.6], (2000, 3))
    points = [torso, thighs]
    if arms_z is not None:
        points += [
            rng.uniform([s * 0.3 - 0.05, -0.3, arms_z], [s * 0.3 + 0.05, 0.1, 1.2], (500, 3)) for s in (-1, 1)
        ]
    return np.concatenate(points)


def chairs(points: np.ndarray, count: int = 60) -> list[Chair]:
    return [build_chair(points, np.random.default_rng(seed)) for seed in range(count)]


def test_the_seat_height_is_that_of_the_lowest_point_under_the_pelvis() -> None:
    assert abs(seat_height(sitter()) - 0.46) < 0.01


def test_every_kind_of_chair_is_drawn() -> None:
    assert {chair.kind for chair in chairs(sitter())} == set(KIND_SHARES)


def test_chairs_stand_on_the_floor_and_touch_the_sitter_from_below() -> None:
    for chair in chairs(sitter()):
        z = chair.vertices[:, 2]
        assert abs(z.min()) < 0.005, chair.kind
        under = z[(z < 0.6) & (np.abs(chair.vertices[:, 0]) < 0.21) & (chair.vertices[:, 1] < 0.1)]
        assert under.max() == pytest.approx(0.472, abs=0.012), chair.kind


def test_a_back_stays_behind_the_sitter_and_stools_have_none() -> None:
    for chair in chairs(sitter()):
        high = chair.vertices[(chair.vertices[:, 2] > 0.75) & (np.abs(chair.vertices[:, 0]) < 0.15)]
        assert (len(high) == 0) == (chair.kind == "stool")
        assert (high[:, 1] > 0.115).all(), chair.kind


def test_a_back_leans_as_the_sitter_does() -> None:
    upright, reclined = lean_on(sitter(0.0), 0.46), lean_on(sitter(0.4), 0.46)
    assert upright.lean == pytest.approx(0.08)
    assert reclined.lean == pytest.approx(0.4, abs=0.05)
    assert not any(chair.kind == "stool" for chair in chairs(sitter(0.4)))


def test_armrests_stay_below_the_arms() -> None:
    for chair in chairs(sitter(arms_z=0.64)):
        sides = chair.vertices[(np.abs(chair.vertices[:, 0]) > 0.26) & (chair.vertices[:, 1] < 0.08)]
        assert sides[:, 2].max(initial=0.0) < 0.64, chair.kind


def test_every_quad_has_four_corners_an_area_and_a_colour() -> None:
    for chair in chairs(sitter(), 20):
        assert all(len(set(quad)) == 4 for quad in chair.quads.tolist())
        a, b, c, d = (chair.vertices[chair.quads[:, k]] for k in range(4))
        assert (np.linalg.norm(np.cross(c - a, d - b), axis=1) > 1e-9).all()
        assert chair.face_colors.shape == (len(chair.quads), 3)
        assert (chair.face_colors >= 0).all() and (chair.face_colors < 1).all()
        assert np.abs(chair.vertices[:, :2]).max() < 0.35 + BASE_RADIUS_M

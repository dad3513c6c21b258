import numpy as np

from blender_assets.furniture import BASE_RADIUS_M, build_chair, seat_height

RNG_SEED = 4


def sitter() -> np.ndarray:
    """A box of points 0.3 m wide from the seat at 0.46 m to the shoulders, with thighs toward -y."""
    rng = np.random.default_rng(0)
    torso = rng.uniform([-0.15, -0.1, 0.46], [0.15, 0.12, 1.2], (4000, 3))
    thighs = rng.uniform([-0.15, -0.5, 0.46], [0.15, 0.0, 0.6], (2000, 3))
    return np.concatenate([torso, thighs])


def test_the_seat_height_is_that_of_the_lowest_point_under_the_pelvis():
    assert abs(seat_height(sitter()) - 0.46) < 0.01


def test_the_chair_stands_on_the_floor_and_touches_the_sitter_from_below():
    chair = build_chair(sitter(), np.random.default_rng(RNG_SEED))
    z = chair.vertices[:, 2]
    assert abs(z.min()) < 1e-6
    near_seat = z[(z < 0.6) & (np.hypot(chair.vertices[:, 0], chair.vertices[:, 1]) < 0.3)]
    assert abs(near_seat.max() - 0.472) < 0.01


def test_a_back_stays_behind_the_sitter():
    chairs = [build_chair(sitter(), np.random.default_rng(seed)) for seed in range(20)]
    assert {chair.has_back for chair in chairs} == {True, False}
    for chair in chairs:
        high = chair.vertices[chair.vertices[:, 2] > 0.6]
        assert (len(high) > 0) == chair.has_back
        assert (high[:, 1] > 0.12).all()


def test_every_quad_has_four_corners_and_an_area():
    chair = build_chair(sitter(), np.random.default_rng(RNG_SEED))
    assert all(len(set(quad)) == 4 for quad in chair.quads.tolist())
    a, b, c, d = (chair.vertices[chair.quads[:, k]] for k in range(4))
    assert (np.linalg.norm(np.cross(c - a, d - b), axis=1) > 1e-8).all()
    assert np.abs(chair.vertices[:, :2]).max() < 0.3 + BASE_RADIUS_M

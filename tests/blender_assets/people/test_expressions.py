import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, RestBody, move_face
from blender_assets.people.expressions import (
    EXPRESSIONS,
    ExpressionSettings,
    draw_expression,
    expand_units,
    face_units_of,
)


@pytest.fixture
def still(basis: BodyBasis) -> RestBody:
    return RestBody(vertices=basis.template_m, bone_heads=basis.bone_heads_m)


def test_every_expression_is_made_of_face_units_that_the_basis_has(basis: BodyBasis) -> None:
    for name, units in EXPRESSIONS.items():
        for unit in units:
            assert set(expand_units(unit, basis.face_unit_names)) <= set(basis.face_unit_names), name


def test_an_open_jaw_lowers_the_chin_and_leaves_the_crown(basis: BodyBasis, still: RestBody) -> None:
    moved = move_face(basis, still, {"jawOpen": 1.0}).vertices - still.vertices
    chin = (
        (basis.head_weight > 0.5)
        & (still.vertices[:, 1] < -0.13)
        & (np.abs(still.vertices[:, 2] - 0.62) < 0.02)
    )
    assert moved[chin, 2].mean() < -0.005
    assert np.abs(moved[still.vertices[:, 2] > 0.8]).max() == 0


def test_strengths_scale_the_movement(basis: BodyBasis, still: RestBody) -> None:
    half, whole = (move_face(basis, still, {"cheekPuff": s}).vertices - still.vertices for s in (0.5, 1.0))
    assert np.allclose(2 * half, whole, atol=1e-6)
    assert np.abs(whole).max() > 0.003


def test_two_expressions_add_up_and_never_exceed_one(basis: BodyBasis) -> None:
    units = face_units_of(
        {"smile": 0.5, "laugh": 1.0}, basis.face_unit_names, np.random.default_rng(0), jitter_std=0.0
    )
    assert units["mouthSmileLeft"] == units["mouthSmileRight"] == 1.0
    assert units["cheekSquintLeft"] == 1.0
    assert units["eyeSquintLeft"] == pytest.approx(0.5 * 0.3 + 0.5)
    assert units["browDownLeft"] == 0.0


def test_the_neutral_share_is_that_of_the_settings() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_expression(rng, settings=ExpressionSettings(neutral_fraction=0.4)) for _ in range(2000)]
    assert np.mean([not expression for expression in drawn]) == pytest.approx(0.4, abs=0.04)
    assert {len(expression) for expression in drawn} == {0, 1, 2}
    assert set().union(*drawn) == set(EXPRESSIONS)

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis
from blender_assets.people.fabrics import PATTERN_KINDS, Fabric, draw_fabric, weave_coordinates
from blender_assets.people.phenotypes import PeopleSettings


def test_woven_coordinates_have_no_jump_between_neighbours(basis: BodyBasis) -> None:
    """A jump would press a whole pattern into one face; only crotch and soles, where axes meet, have one."""
    quads = basis.faces["tights"]
    weave = weave_coordinates(basis.template_m)
    edges = np.concatenate([quads[:, [0, 1]], quads[:, [1, 2]]])
    middle = basis.template_m[edges].mean(axis=1)
    is_crotch = (np.abs(middle[:, 0]) < 0.04) & (middle[:, 2] < 0.05)
    edges = edges[~is_crotch & (middle[:, 2] > -0.78)]
    length = np.linalg.norm(basis.template_m[edges[:, 0]] - basis.template_m[edges[:, 1]], axis=1)
    step = np.abs(weave[edges[:, 0], :2] - weave[edges[:, 1], :2]).max(axis=1)
    assert np.percentile(step / np.maximum(length, 0.004), 99) < 4.0
    assert step.max() < 0.12


def test_along_is_height_on_the_trunk_and_falls_along_an_arm() -> None:
    chest, elbow, wrist = weave_coordinates(
        np.array([[0.0, -0.12, 0.3], [0.313, -0.013, 0.349], [0.431, -0.176, 0.245]])
    )
    assert chest[1] == pytest.approx(0.3)
    assert chest[1] > 0.29 and elbow[1] > wrist[1] + 0.1


def test_both_sides_mirror_each_other() -> None:
    left = np.array([[0.12, -0.1, 0.2], [0.3, 0.0, 0.35]])
    assert np.allclose(weave_coordinates(left), weave_coordinates(left * [-1, 1, 1]))


def test_the_shader_reads_the_pattern_by_its_place_in_the_list() -> None:
    fabric = Fabric(color=(0.1, 0.1, 0.1), kind="checks", period_m=0.03, variant=0.7)
    assert fabric.finish().tolist() == [PATTERN_KINDS.index("checks"), 0.03, 0.7]


def test_the_plain_share_is_that_of_the_settings() -> None:
    rng = np.random.default_rng(0)
    settings = PeopleSettings(plain_fabric_fraction=0.7)
    kinds = [
        draw_fabric(rng, np.full(3, 0.2), kinds=("stripes", "print"), settings=settings).kind
        for _ in range(1000)
    ]
    assert np.mean([kind == "plain" for kind in kinds]) == pytest.approx(0.7, abs=0.05)
    assert set(kinds) == {"plain", "stripes", "print"}

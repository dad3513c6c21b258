import numpy as np
import pytest

from blender_assets.people.body import BodyBasis
from blender_assets.people.parts import Part
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import PersonMesh


def person(basis: BodyBasis, seed: int, **changes: float) -> PersonMesh:
    settings = PeopleSettings(**changes)  # pyright: ignore[reportArgumentType]
    return generate_person(basis, np.random.default_rng(seed), pose_kind="standing", settings=settings)


def centres(mesh: PersonMesh, part: Part) -> np.ndarray:
    return mesh.vertices[mesh.quads[mesh.face_parts == part]].mean(axis=1)


def test_every_face_has_a_part_and_none_is_background(basis: BodyBasis) -> None:
    for seed in range(5):
        mesh = person(basis, seed)
        assert mesh.face_parts.dtype == np.uint8
        assert len(mesh.face_parts) == len(mesh.quads)
        assert set(np.unique(mesh.face_parts).tolist()) <= set(Part) - {Part.BACKGROUND}


@pytest.mark.parametrize("name", ["ARM", "SHOE"])
def test_left_is_at_positive_x_of_a_person_who_faces_minus_y(basis: BodyBasis, name: str) -> None:
    mesh = person(basis, 3, long_sleeve_fraction=0.0, jacket_fraction=0.0)
    left, right = (centres(mesh, Part[f"{side}_{name}"])[:, 0].mean() for side in ("LEFT", "RIGHT"))
    assert left > right


def test_the_face_is_above_the_torso_and_the_shoes_are_lowest(basis: BodyBasis) -> None:
    mesh = person(basis, 1)
    height = {part: centres(mesh, part)[:, 2].mean() for part in (Part.FACE, Part.TORSO_SKIN)}
    assert height[Part.FACE] > height[Part.TORSO_SKIN]
    for side in ("LEFT", "RIGHT"):
        shoe = centres(mesh, Part[f"{side}_SHOE"])[:, 2]
        assert shoe.max() < 0.35 and shoe.min() < 0.02


def test_bare_legs_are_legs_and_a_skirt_is_a_skirt(basis: BodyBasis) -> None:
    mesh = person(basis, 2, female_fraction=1.0, skirt_fraction_of_women=1.0)
    found = set(np.unique(mesh.face_parts).tolist())
    assert {Part.LEFT_LEG, Part.RIGHT_LEG} <= found
    assert found & {Part.SKIRT, Part.DRESS}
    assert Part.TROUSERS not in found


def test_a_jacket_is_a_coat_with_upper_clothes_in_its_opening(basis: BodyBasis) -> None:
    mesh = person(basis, 2, female_fraction=0.0, jacket_fraction=1.0)
    rest = mesh.rest_positions[mesh.quads].mean(axis=1)
    coat, inner = (rest[mesh.face_parts == part] for part in (Part.COAT, Part.UPPER_CLOTHES))
    assert len(coat) > 0 and len(inner) > 0
    chest = inner[np.abs(inner[:, 2] - 0.35) < 0.1]
    assert chest[:, 1].max() < 0.03 and np.abs(chest[:, 0]).max() < 0.16
    assert np.abs(coat[:, 0]).max() > 0.4 and coat[:, 1].max() > 0.05

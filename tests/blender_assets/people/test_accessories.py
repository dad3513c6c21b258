import numpy as np
import pytest

from blender_assets.people.accessories import AccessorySettings, draw_accessories
from blender_assets.people.body import BodyBasis
from blender_assets.people.parts import Part
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import PersonMesh

NOTHING = {name: 0.0 for name in AccessorySettings.model_fields}


def person(basis: BodyBasis, seed: int, *, female_fraction: float = 1.0, **wanted: float) -> PersonMesh:
    accessories = AccessorySettings.model_validate(NOTHING | wanted)
    settings = PeopleSettings(accessories=accessories, female_fraction=female_fraction, jacket_fraction=0.0)
    return generate_person(basis, np.random.default_rng(seed), pose_kind="standing", settings=settings)


def rest_of(mesh: PersonMesh, part: Part) -> np.ndarray:
    return mesh.rest_positions[np.unique(mesh.quads[mesh.face_parts == part])]


def test_nobody_wears_what_has_a_share_of_zero(basis: BodyBasis) -> None:
    parts = {Part.HAT, Part.GLASSES, Part.BAG, Part.LANYARD, Part.FACE_MASK}
    for seed in range(5):
        assert not parts & set(np.unique(person(basis, seed).face_parts).tolist())


@pytest.mark.parametrize(
    ("share", "value", "part"),
    [
        ("headscarf_fraction_of_women", 1.0, Part.HAT),
        ("cap_fraction", 0.4, Part.HAT),
        ("glasses_fraction", 1.0, Part.GLASSES),
        ("mask_fraction", 1.0, Part.FACE_MASK),
        ("lanyard_fraction", 1.0, Part.LANYARD),
    ],
)
def test_each_accessory_is_a_part_of_its_own(basis: BodyBasis, share: str, value: float, part: Part) -> None:
    meshes = [person(basis, seed, **{share: value}) for seed in range(3 if value == 1.0 else 8)]
    found = [len(rest_of(mesh, part)) > 0 for mesh in meshes]
    assert all(found) if value == 1.0 else any(found)


def test_headwear_glasses_and_masks_belong_to_the_head_box_but_bags_do_not(basis: BodyBasis) -> None:
    mesh = person(
        basis,
        4,
        headscarf_fraction_of_women=1.0,
        glasses_fraction=1.0,
        mask_fraction=1.0,
        backpack_fraction=0.5,
    )
    is_head = np.zeros(len(mesh.vertices), dtype=bool)
    is_head[mesh.head_vertices] = True
    for part in (Part.GLASSES, Part.FACE_MASK):
        assert is_head[np.unique(mesh.quads[mesh.face_parts == part])].all()
    scarf = np.unique(mesh.quads[mesh.face_parts == Part.HAT])
    assert is_head[scarf].any() and not is_head[scarf].all()  # its lower part lies on the shoulders
    assert mesh.rest_positions[mesh.head_vertices, 2].min() > 0.57


def test_long_hair_below_the_chin_does_not_enlarge_the_head_box(basis: BodyBasis) -> None:
    meshes = [person(basis, seed) for seed in range(12)]
    long = [mesh for mesh in meshes if mesh.parameters["hair"]["kind"] == "long"]
    assert long
    for mesh in long:
        hair = rest_of(mesh, Part.HAIR)
        head = mesh.rest_positions[mesh.head_vertices]
        assert hair[:, 2].min() < 0.58 < head[:, 2].min()


def test_glasses_sit_before_the_eyes_and_the_mask_covers_nose_and_mouth(basis: BodyBasis) -> None:
    mesh = person(basis, 2, glasses_fraction=1.0, mask_fraction=1.0)
    assert np.abs(rest_of(mesh, Part.GLASSES)[:, 2] - 0.7285).max() < 0.03
    mask = rest_of(mesh, Part.FACE_MASK)
    assert mask[:, 2].min() < 0.62 and mask[:, 2].max() > 0.69


def test_a_backpack_is_behind_and_the_card_of_a_lanyard_in_front(basis: BodyBasis) -> None:
    for seed in range(30):
        mesh = person(basis, seed, backpack_fraction=0.5, lanyard_fraction=1.0, female_fraction=0.0)
        if mesh.parameters["accessories"]["bag"] == "backpack":
            break
    else:
        raise AssertionError("no backpack in thirty people")
    back = mesh.vertices[np.unique(mesh.quads[mesh.face_parts == Part.BAG])]
    card = mesh.vertices[mesh.quads[mesh.face_parts == Part.LANYARD]].mean(axis=1)
    assert back[:, 1].max() > card[:, 1].max()


def test_who_sits_wears_no_backpack() -> None:
    rng = np.random.default_rng(0)
    settings = AccessorySettings(backpack_fraction=0.5)
    drawn = {draw_accessories(rng, False, is_standing=False, settings=settings).bag for _ in range(50)}
    assert drawn == {"none"}


def test_shares_are_met() -> None:
    rng = np.random.default_rng(1)
    settings = AccessorySettings(glasses_fraction=0.3, cap_fraction=0.2)
    drawn = [draw_accessories(rng, False, is_standing=True, settings=settings) for _ in range(2000)]
    assert np.mean([worn.has_glasses for worn in drawn]) == pytest.approx(0.3, abs=0.03)
    assert np.mean([worn.headwear == "cap" for worn in drawn]) == pytest.approx(0.2, abs=0.03)

import json
import time
from collections.abc import Callable

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis
from blender_assets.people.figure import Figure
from blender_assets.people.garments import bare_skin, measure, tailor, top_field
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import CLOTH, GLOSS, HAIR, SKIN, PersonMesh
from blender_assets.people.wardrobe import draw_outfit


def person(basis: BodyBasis, seed: int, kind: str = "standing", **changes: float) -> PersonMesh:
    settings = PeopleSettings(**changes)  # pyright: ignore[reportArgumentType]
    return generate_person(basis, np.random.default_rng(seed), pose_kind=kind, settings=settings)  # pyright: ignore[reportArgumentType]


def test_the_same_seed_makes_the_same_person_and_another_seed_another(basis: BodyBasis) -> None:
    first, again, other = person(basis, 4), person(basis, 4), person(basis, 5)
    assert first.vertices.tobytes() == again.vertices.tobytes()
    assert first.face_colors.tobytes() == again.face_colors.tobytes()
    assert first.parameters == again.parameters
    assert first.parameters != other.parameters


def test_arrays_fit_each_other(basis: BodyBasis) -> None:
    mesh = person(basis, 1)
    assert mesh.vertices.dtype == mesh.rest_positions.dtype == mesh.face_colors.dtype == np.float32
    assert mesh.rest_positions.shape == mesh.vertices.shape
    assert mesh.quads.dtype == np.int32
    assert mesh.quads.min() >= 0 and mesh.quads.max() < len(mesh.vertices)
    assert len(mesh.material_index) == len(mesh.face_colors) == len(mesh.quads)
    assert set(np.unique(mesh.material_index)) <= {SKIN, CLOTH, HAIR, GLOSS}
    assert np.isfinite(mesh.vertices).all()
    assert (mesh.face_colors >= 0).all() and (mesh.face_colors <= 1.0).all()
    assert mesh.face_second_colors.shape == mesh.face_finishes.shape == mesh.face_colors.shape
    assert mesh.vertex_tints.shape == mesh.weave.shape == mesh.vertices.shape
    assert (mesh.vertex_tints >= 0).all() and np.isfinite(mesh.weave).all()


@pytest.mark.parametrize("seed", range(12))
def test_adults_have_sane_heights_and_stand_on_the_floor(basis: BodyBasis, seed: int) -> None:
    mesh = person(basis, seed)
    assert mesh.vertices[:, 2].min() == pytest.approx(0.0, abs=0.015)
    assert 1.39 <= mesh.parameters["height_m"] <= 1.99
    # bending and striding poses are lower than the body is tall; shoes and hair add a little
    assert 0.8 * mesh.parameters["height_m"] < mesh.vertices[:, 2].max() < mesh.parameters["height_m"] + 0.12


@pytest.mark.parametrize("seed", range(6))
def test_sitters_have_their_soles_on_the_floor_and_their_knees_in_front(basis: BodyBasis, seed: int) -> None:
    mesh = person(basis, seed, "sitting")
    assert mesh.pose == "sitting"
    assert mesh.vertices[:, 2].min() == pytest.approx(0.0, abs=0.015)
    under_pelvis = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]) < 0.12
    assert 0.3 < mesh.vertices[under_pelvis, 2].min() < 0.6
    assert mesh.vertices[:, 2].max() < 1.6
    shoes = mesh.vertices[mesh.vertices[:, 2] < 0.08]
    assert shoes[:, 1].mean() < -0.2


def test_the_head_is_on_top_and_of_the_size_of_a_head(basis: BodyBasis) -> None:
    for seed in range(6):
        mesh = person(basis, seed)
        head = mesh.vertices[mesh.head_vertices]
        assert head[:, 2].max() > mesh.vertices[:, 2].max() - 0.45
        size = np.ptp(head, axis=0)
        assert (size > 0.13).all() and (size < 0.45).all()


def test_skin_under_the_clothes_is_gone_but_face_and_hands_stay(basis: BodyBasis) -> None:
    outfit = draw_outfit(np.random.default_rng(0), False, settings=PeopleSettings(long_sleeve_fraction=1.0))
    bare = bare_skin(Figure(basis, basis.template_m), measure(basis), outfit)
    whole = basis.faces["body"]
    covered = ~np.isin(whole.view([("", whole.dtype)] * 4)[:, 0], bare.view([("", bare.dtype)] * 4)[:, 0])
    centre = basis.template_m[whole].mean(axis=1)
    chest = (np.abs(centre[:, 2] - 0.35) < 0.05) & (np.abs(centre[:, 0]) < 0.1)
    face = basis.head_weight[basis.faces["body"]].mean(axis=1) > 0.9
    assert covered[chest].mean() > 0.9
    assert not covered[face].any()


def test_sleeves_end_straight_where_they_were_drawn_to_end(basis: BodyBasis) -> None:
    outfit = draw_outfit(
        np.random.default_rng(0),
        False,
        settings=PeopleSettings(long_sleeve_fraction=0.0, jacket_fraction=0.0),
    )
    patch = tailor(
        Figure(basis, basis.template_m), group="tights", field=top_field(measure(basis), outfit.top)
    )
    shoulder, wrist = (
        basis.bone_heads_m[basis.bone("upperarm01.L")],
        basis.bone_heads_m[basis.bone("wrist.L")],
    )
    along = (patch.vertices - shoulder) @ (wrist - shoulder) / np.sum((wrist - shoulder) ** 2)
    left_arm = patch.vertices[:, 0] > 0.24
    assert along[left_arm].max() == pytest.approx(outfit.top.sleeve, abs=0.01)


def test_parameters_are_json_and_hold_everything_drawn(basis: BodyBasis) -> None:
    parameters = person(basis, 2).parameters
    assert json.loads(json.dumps(parameters))["hair"]["kind"] == parameters["hair"]["kind"]
    assert {
        "phenotypes",
        "outfit",
        "hair",
        "melanin",
        "pose_name",
        "pose_angles_deg",
        "height_m",
    } <= parameters.keys()


def test_settings_govern_the_draw(basis: BodyBasis) -> None:
    assert all(person(basis, seed, female_fraction=1.0).parameters["is_female"] for seed in range(5))
    skirts = [person(basis, seed, female_fraction=1.0, skirt_fraction_of_women=1.0) for seed in range(3)]
    assert {mesh.parameters["outfit"]["legs"]["kind"] for mesh in skirts} <= {"skirt", "dress"}
    grey = person(basis, 3, fabric_saturation_std=0.0, jacket_fraction=0.0, plain_fabric_fraction=1.0)
    assert np.ptp(grey.parameters["outfit"]["top"]["fabric"]["color"]) < 1e-9


def test_an_unknown_pose_kind_is_named_with_the_allowed_ones(basis: BodyBasis) -> None:
    with pytest.raises(
        ValueError, match=r"pose_kind must be one of \['lying', 'sitting', 'standing'\], but was 'flying'"
    ):
        person(basis, 0, "flying")


def test_a_person_costs_less_than_a_tenth_of_a_second(basis: BodyBasis) -> None:
    # In loops of 0.031 s, as they are on the machine of that tenth: both slow down alike on a busy one.
    costs, loops = [], []
    for seed in range(6):
        loops.append(cpu_s(lambda: sum(number * number for number in range(1_000_000))))
        costs.append(cpu_s(lambda seed=seed: person(basis, seed)))
    assert min(costs) / min(loops) < 0.1 / 0.031


def cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start

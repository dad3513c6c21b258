"""Whether skin comes through clothes, measured by rays over many people and poses."""

import bpy  # noqa: F401  (mathutils comes with it)
import numpy as np
import pytest
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from pydantic import TypeAdapter

from blender_assets.people.body import BodyBasis
from blender_assets.people.garments import (
    jacket_field,
    legs_field,
    measure,
    shoes_field,
    top_field,
)
from blender_assets.people.mesh import vertex_normals
from blender_assets.people.parts import Part
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import SKIN, PersonMesh
from blender_assets.people.wardrobe import Outfit

GARMENTS = (
    Part.UPPER_CLOTHES, Part.DRESS, Part.COAT, Part.TROUSERS, Part.SKIRT, Part.LEFT_SHOE, Part.RIGHT_SHOE,
)  # fmt: skip
CLEARLY_COVERED_M = 0.01  # nearer to a hem its smoothing decides
OWN_GARMENT_M = 0.05
MOST_LAYERS = 24


def covered_vertices(basis: BodyBasis, mesh: PersonMesh) -> np.ndarray:
    """Indices of the skin vertices in the mesh that lie within a garment's outline on the template."""
    outfit = TypeAdapter(Outfit).validate_python(mesh.parameters["outfit"])
    cut = measure(basis)
    fields = [top_field(cut, outfit.top), legs_field(cut, outfit.legs), shoes_field(cut, outfit.shoes)]
    if outfit.jacket is not None:
        fields.append(jacket_field(cut, outfit.jacket))
    cover = dict(zip(map(bytes, basis.template_m), np.max(fields, axis=0), strict=True))
    skin = np.unique(mesh.quads[mesh.material_index == SKIN])
    return np.array([v for v in skin if cover[bytes(mesh.rest_positions[v])] > CLEARLY_COVERED_M])


def crossings(point: np.ndarray, direction: np.ndarray, tree: BVHTree) -> list[tuple[float, bool]]:
    """Metres along a ray to every face that it meets, and whether it leaves through the face's outer side."""
    origin, toward = Vector(point), Vector(direction)
    met: list[tuple[float, bool]] = []
    for _ in range(MOST_LAYERS):
        hit, normal, _, _ = tree.ray_cast(origin, toward)
        if hit is None:
            break
        met.append(((hit - Vector(point)).length, normal.dot(toward) > 0))
        origin = hit + toward * 1e-4
    return met


def is_inside(point: np.ndarray, outward: np.ndarray, tree: BVHTree) -> bool:
    """Whether skin has its garment before it. Any of three will do, since hems are open and arms touch trunks.

    The nearest face has the skin behind it; or a ray outward leaves a garment within 5 cm; or, for wide
    skirts, it leaves more garments in all than it enters.
    """
    nearest, normal, _, _ = tree.find_nearest(Vector(point))
    if (Vector(point) - nearest).dot(normal) <= 0:
        return True
    met = crossings(point, outward, tree)
    leaves_own = any(is_exit for distance, is_exit in met if distance < OWN_GARMENT_M)
    return leaves_own or sum(1 if is_exit else -1 for _, is_exit in met) > 0


def count_outside(basis: BodyBasis, mesh: PersonMesh) -> tuple[int, int]:
    """Covered skin vertices that lie outside of their garment, and all covered ones."""
    garments = mesh.quads[np.isin(mesh.face_parts, GARMENTS)]
    tree = BVHTree.FromPolygons(mesh.vertices.tolist(), garments.tolist())
    normals = vertex_normals(mesh.vertices, mesh.quads[mesh.material_index == SKIN])
    covered = covered_vertices(basis, mesh)
    outside = [v for v in covered if not is_inside(mesh.vertices[v], normals[v], tree)]
    return len(outside), len(covered)


def share_outside(basis: BodyBasis, seeds: range) -> float:
    counts = np.zeros(2)
    for seed in seeds:
        kind = "sitting" if seed % 2 else "standing"
        mesh = generate_person(basis, np.random.default_rng(seed), pose_kind=kind, settings=PeopleSettings())
        counts += count_outside(basis, mesh)
    return float(counts[0] / counts[1])


def test_skin_pushed_through_a_sleeve_is_found(basis: BodyBasis) -> None:
    mesh = generate_person(basis, np.random.default_rng(3), pose_kind="standing", settings=PeopleSettings())
    before, total = count_outside(basis, mesh)
    covered = covered_vertices(basis, mesh)
    normals = vertex_normals(mesh.vertices, mesh.quads[mesh.material_index == SKIN])
    mesh.vertices[covered] += 0.06 * normals[covered]
    after, _ = count_outside(basis, mesh)
    assert after > before + 0.5 * total


def test_twenty_people_show_hardly_any_skin_through_their_clothes(basis: BodyBasis) -> None:
    assert share_outside(basis, range(20)) <= 0.001


@pytest.mark.slow
def test_five_hundred_people_show_no_skin_through_their_clothes(basis: BodyBasis) -> None:
    assert share_outside(basis, range(500)) <= 0.001

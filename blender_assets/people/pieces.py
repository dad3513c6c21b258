"""Pieces of a person and their joining into one mesh with the attributes that the materials read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from blender_assets.people.mesh import Patch
from blender_assets.people.parts import Part

SKIN, CLOTH, HAIR, GLOSS = 0, 1, 2, 3
PLAIN = np.zeros(3)


@dataclass(frozen=True)
class PersonMesh:
    """Origin under the pelvis, soles at z = 0, facing -y; metres and linear RGB."""

    vertices: np.ndarray  # [v, 3] float32
    quads: np.ndarray  # [f, 4] int32
    material_index: np.ndarray  # [f] int32: 0 skin, 1 cloth, 2 hair, 3 gloss (eyes, glasses, buttons)
    face_parts: np.ndarray  # [f] uint8, values of Part
    face_colors: np.ndarray  # [f, 3] float32
    face_second_colors: np.ndarray  # [f, 3] float32, of patterns
    face_finishes: np.ndarray  # [f, 3] float32: cloth (pattern, period, variant); skin (oil, bump, 0)
    vertex_tints: np.ndarray  # [v, 3] float32, multiplied with the face colours
    rest_positions: np.ndarray  # [v, 3] float32, template space, for textures that stick
    weave: np.ndarray  # [v, 3] float32 metres (around, along, 0): threads of cloth, strands of hair
    head_vertices: np.ndarray  # [k] int32: skull, hair cap and headwear, not long strands
    keypoints: np.ndarray  # [17, 3] float32, in the order of KEYPOINT_NAMES
    pose: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A patch with what it is made of; [f] and [v] arrays may be one value for all."""

    patch: Patch
    material: int
    parts: np.ndarray | Part  # [f]
    colors: np.ndarray  # [f, 3]
    second_colors: np.ndarray = field(default_factory=lambda: PLAIN)  # [f, 3]
    finishes: np.ndarray = field(default_factory=lambda: PLAIN)  # [f, 3]
    tints: np.ndarray = field(default_factory=lambda: np.ones(3))  # [v, 3]
    weave: np.ndarray = field(default_factory=lambda: PLAIN)  # [v, 3]
    in_head: np.ndarray | bool = False  # [v]

    def per_face(self, values: np.ndarray) -> np.ndarray:
        return np.broadcast_to(values, (len(self.patch.quads), 3))

    def per_vertex(self, values: np.ndarray) -> np.ndarray:
        return np.broadcast_to(values, (len(self.patch.vertices), 3))


def float_rows(rows: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(rows).astype(np.float32)


def join(pieces: list[Piece], *, keypoints: np.ndarray, pose: str, parameters: dict[str, Any]) -> PersonMesh:
    starts = np.cumsum([0] + [len(piece.patch.vertices) for piece in pieces])
    quads = [piece.patch.quads + start for piece, start in zip(pieces, starts, strict=False)]
    counts = [len(piece.patch.quads) for piece in pieces]
    parts = [np.broadcast_to(piece.parts, count) for piece, count in zip(pieces, counts, strict=True)]
    in_head = [np.broadcast_to(piece.in_head, len(piece.patch.vertices)) for piece in pieces]
    return PersonMesh(
        vertices=float_rows([piece.patch.vertices for piece in pieces]),
        quads=np.concatenate(quads).astype(np.int32),
        material_index=np.repeat([piece.material for piece in pieces], counts).astype(np.int32),
        face_parts=np.concatenate(parts).astype(np.uint8),
        face_colors=float_rows([piece.per_face(piece.colors) for piece in pieces]),
        face_second_colors=float_rows([piece.per_face(piece.second_colors) for piece in pieces]),
        face_finishes=float_rows([piece.per_face(piece.finishes) for piece in pieces]),
        vertex_tints=float_rows([piece.per_vertex(piece.tints) for piece in pieces]),
        rest_positions=float_rows([piece.patch.rest for piece in pieces]),
        weave=float_rows([piece.per_vertex(piece.weave) for piece in pieces]),
        head_vertices=np.flatnonzero(np.concatenate(in_head)).astype(np.int32),
        keypoints=keypoints.astype(np.float32),
        pose=pose,
        parameters=parameters,
    )

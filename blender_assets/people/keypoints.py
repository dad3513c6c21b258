"""The 17 keypoints of COCO on a posed body: joints inside the limbs, eyes, ears and nose on the skin."""

from functools import lru_cache

import numpy as np

from blender_assets.coco_keypoints import KEYPOINT_NAMES
from blender_assets.people.body import BodyBasis

_BONE_OF_JOINT = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
}
_RING_FACTOR = 1.5  # vertices up to this many times as far from a joint as the nearest one carry it
_NOSE_M, _EAR_M = (0.0, -0.158, 0.710), (0.088, -0.042, 0.724)  # template positions; right ears are mirrored


def locate_keypoints(basis: BodyBasis, posed: np.ndarray) -> np.ndarray:
    """[17, 3] in the space of the posed vertices [V, 3]; left and right are the person's own."""
    return np.stack([weights @ posed[vertices] for vertices, weights in _carriers(basis)])


@lru_cache(maxsize=4)
def _carriers(basis: BodyBasis) -> list[tuple[np.ndarray, np.ndarray]]:
    """By keypoint: the vertices [n] that carry it, and their weights [n], which sum to 1."""
    body = np.unique(basis.faces["body"])
    return [_carriers_of(basis, body, name) for name in KEYPOINT_NAMES]


def _carriers_of(basis: BodyBasis, body: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    side, _, kind = name.rpartition("_")
    if kind == "eye":
        pupil = _pupil_vertices(basis, side)
        return pupil, np.full(len(pupil), 1 / len(pupil))
    if kind == "nose":
        return _around(basis, body, np.array(_NOSE_M))
    if kind == "ear":
        return _around(basis, body, np.array(_EAR_M) * [1 if side == "left" else -1, 1, 1])
    bone = f"{_BONE_OF_JOINT[kind]}.{'L' if side == 'left' else 'R'}"
    return _around(basis, body, basis.bone_heads_m[basis.bone(bone)])


def _pupil_vertices(basis: BodyBasis, side: str) -> np.ndarray:
    vertices = np.unique(basis.faces[f"eye_{side}"])
    y = basis.template_m[vertices, 1]
    return vertices[y < y.min() + 0.004]


def _around(basis: BodyBasis, body: np.ndarray, template_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vertices around a point of the template, with the smallest weights that have the point as their mean."""
    distances = np.linalg.norm(basis.template_m[body] - template_m, axis=1)
    near = body[distances < _RING_FACTOR * distances.min() + 0.003]
    conditions = np.concatenate([basis.template_m[near].T.astype(float), np.ones((1, len(near)))])
    weights, *_ = np.linalg.lstsq(conditions, np.append(template_m, 1.0), rcond=None)
    return near, weights

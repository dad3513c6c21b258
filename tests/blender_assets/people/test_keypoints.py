import numpy as np
import pytest

from blender_assets.coco_keypoints import KEYPOINT_NAMES, SKELETON
from blender_assets.people.body import bone_transforms, morph_body, pose_body
from blender_assets.people.keypoints import locate_keypoints

AVERAGE = {
    "gender": 0.3, "age": 0.8, "muscle": 0.6, "weight": 0.5, "height": 0.7, "proportions": 0.5, "cupsize": 0.5,
    "firmness": 0.5, "african": 0.3, "asian": 0.3, "caucasian": 0.4,
}  # fmt: skip
BENT = {
    "upperleg01.L": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]),  # a thigh swung forward by 90 degrees
    "lowerarm01.R": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]),
}


def point(keypoints: np.ndarray, name: str) -> np.ndarray:
    return keypoints[KEYPOINT_NAMES.index(name)]


@pytest.mark.parametrize("rotations", [{}, BENT])
def test_joints_stay_at_the_joints_of_the_posed_skeleton(body_basis, rotations):
    rest = morph_body(body_basis, AVERAGE)
    _, heads = bone_transforms(body_basis, rest, rotations)
    keypoints = locate_keypoints(body_basis, pose_body(body_basis, rest, rotations))
    for name, bone in {
        "left_shoulder": "upperarm01.L", "right_elbow": "lowerarm01.R", "left_wrist": "wrist.L",
        "right_hip": "upperleg01.R", "left_knee": "lowerleg01.L", "right_ankle": "foot.R",
    }.items():  # fmt: skip
        assert np.linalg.norm(point(keypoints, name) - heads[body_basis.bone(bone)]) < 0.035, name


def test_left_is_the_person_s_own_left_and_the_face_looks_along_minus_y(body_basis):
    keypoints = locate_keypoints(body_basis, morph_body(body_basis, AVERAGE).vertices)
    for name in KEYPOINT_NAMES:
        if name != "nose":
            assert (point(keypoints, name)[0] > 0) == name.startswith("left")
    mirrored = np.stack([point(keypoints, f"right_{part}") for part in ("eye", "ear", "knee")]) * [-1, 1, 1]
    np.testing.assert_allclose(
        mirrored, np.stack([point(keypoints, f"left_{part}") for part in ("eye", "ear", "knee")]), atol=2e-3
    )
    nose, eye, ear = (point(keypoints, name) for name in ("nose", "left_eye", "left_ear"))
    assert nose[1] < eye[1] < ear[1]
    assert nose[2] < eye[2]


def test_the_skeleton_joins_neighbours():
    named = {tuple(KEYPOINT_NAMES[number - 1] for number in pair) for pair in SKELETON}
    assert len(SKELETON) == 19
    assert {("left_knee", "left_hip"), ("left_shoulder", "left_elbow"), ("nose", "left_eye")} <= named

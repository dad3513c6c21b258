"""One person in full view, then with a part of the mask taken away."""

import numpy as np
import pytest

from blender_assets.annotation import annotate_people
from blender_assets.annotation_settings import AnnotationSettings
from blender_assets.coco_keypoints import KEYPOINT_NAMES
from blender_assets.lens.camera import Camera
from blender_assets.lens.pinhole import Perspective
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.placement import PlacedPerson, Spot
from blender_assets.rasterizing import Window, project_mesh, rasterize

WIDTH, HEIGHT = 240, 320
# A wall camera at 1.5 m that looks along +y.
CAMERA = Camera(Perspective(model="perspective", hfov_deg=50), WIDTH, HEIGHT, 1.5, 90.0)
SETTINGS = AnnotationSettings()


def place(body_basis, facing_deg: float, xyz: tuple[float, float, float] = (0, 3.2, 0)) -> PlacedPerson:
    rng = np.random.default_rng(2)
    settings = PeopleSettings.model_validate({})
    mesh = generate_person(body_basis, rng, pose_kind="standing", settings=settings)
    spot = Spot(np.array(xyz), np.radians(facing_deg))
    return PlacedPerson(mesh, spot, spot.move(mesh.vertices), None, None)


def true_mask(person: PlacedPerson) -> np.ndarray:
    distances = np.linalg.norm(person.vertices - CAMERA.position(), axis=1)
    mesh = project_mesh(CAMERA.project(person.vertices), distances, person.mesh.quads)
    return rasterize(mesh, Window(0, 0, WIDTH, HEIGHT)).is_covered.astype(int)


def flags(annotation) -> dict[str, int]:
    return dict(zip(KEYPOINT_NAMES, [int(flag) for flag in annotation.keypoints[2::3]], strict=True))


def test_a_person_in_full_view_is_wholly_visible_and_has_the_mask_s_box(body_basis):
    person = place(body_basis, -90)
    mask = true_mask(person)
    (found,) = annotate_people(CAMERA, [person], mask, SETTINGS).people
    rows, columns = np.nonzero(mask)
    assert (found.person_visibility, found.head_visibility) == (1.0, 1.0)
    assert found.person_box_xyxy == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert found.person_distance_m == pytest.approx(np.hypot(3.2, 0.65), abs=0.15)


def test_the_face_is_visible_from_the_front_and_hidden_from_behind(body_basis):
    names = ("nose", "left_eye", "right_eye")
    for facing_deg, flag in ((-90, 2), (90, 1)):
        person = place(body_basis, facing_deg)
        (found,) = annotate_people(CAMERA, [person], true_mask(person), SETTINGS).people
        assert [flags(found)[name] for name in names] == [flag] * 3
        left_x, right_x = (
            found.keypoints[3 * KEYPOINT_NAMES.index(f"{s}_shoulder")] for s in ("left", "right")
        )
        # The left shoulder of somebody who faces the camera is on the right.
        assert (left_x > right_x) == (flag == 2)


def test_what_hides_the_legs_takes_their_share_and_their_keypoints_and_by_choice_leaves_the_box(body_basis):
    person = place(body_basis, -90)
    mask = true_mask(person)
    (whole,) = annotate_people(CAMERA, [person], mask, SETTINGS).people
    hidden = mask.copy()
    hidden[200:] = 0
    (found,) = annotate_people(CAMERA, [person], hidden, SETTINGS).people
    assert found.person_visibility == pytest.approx(hidden.sum() / mask.sum(), abs=1e-6)
    assert found.head_visibility == 1.0
    assert (flags(found)["left_ankle"], flags(found)["nose"]) == (1, 2)
    rows, columns = np.nonzero(hidden)
    assert found.person_box_xyxy == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert found.person_rotated_box[3] < 0.8 * whole.person_rotated_box[3]
    settings = AnnotationSettings(person_box="whole")
    (in_full,) = annotate_people(CAMERA, [person], hidden, settings).people
    np.testing.assert_allclose(in_full.person_box_xyxy, whole.person_box_xyxy, atol=1.0)
    assert in_full.person_rotated_box == pytest.approx(whole.person_rotated_box, abs=1.5)


def test_parts_outside_the_image_count_as_hidden_and_their_keypoints_as_not_labeled(body_basis):
    person = place(body_basis, -90, (1.4, 3.2, 0))
    mask = true_mask(person)
    (found,) = annotate_people(CAMERA, [person], mask, SETTINGS).people
    (whole,) = annotate_people(
        CAMERA, [place(body_basis, -90)], true_mask(place(body_basis, -90)), SETTINGS
    ).people
    assert found.person_box_xyxy[2] == WIDTH
    assert found.person_visibility == pytest.approx(
        mask.sum() / true_mask(place(body_basis, -90)).sum(), abs=0.08
    )
    assert found.keypoints is not None and whole.keypoints is not None
    outside = [k for k in range(17) if found.keypoints[3 * k + 2] == 0]
    assert 0 < len(outside) < 17
    assert all(found.keypoints[3 * k] == found.keypoints[3 * k + 1] == 0 for k in outside)


def test_somebody_whom_the_mask_lacks_is_not_visible(body_basis):
    (found,) = annotate_people(
        CAMERA, [place(body_basis, -90)], np.zeros((HEIGHT, WIDTH), dtype=int), SETTINGS
    ).people
    assert (found.person_visibility, found.head_visibility) == (0.0, 0.0)


def test_what_is_switched_off_is_not_there(body_basis):
    settings = AnnotationSettings(has_segmentation=False, has_keypoints=False)
    person = place(body_basis, -90)
    (found,) = annotate_people(CAMERA, [person], true_mask(person), settings).people
    assert (found.person_rle, found.head_rle, found.keypoints) == (None, None, None)

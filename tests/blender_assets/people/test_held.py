from dataclasses import dataclass

import numpy as np
import pytest

from blender_assets.people.accessories import AccessorySettings
from blender_assets.people.body import BodyBasis
from blender_assets.people.figure import Figure
from blender_assets.people.held import find_hand
from blender_assets.people.holding import Hold, draw_held, mirrored
from blender_assets.people.parts import Part
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import PersonMesh
from blender_assets.people.pose_library import PoseEntry, load_poses
from blender_assets.people.poses import Pose, PoseBook, draw_variant
from blender_assets.people.support import NO_SUPPORT, PoseKind, Support


@dataclass
class OnePose(PoseBook):
    """Everybody takes this pose, not mirrored."""

    entry: PoseEntry

    def draw(self, rng: np.random.Generator, kind: PoseKind, support: Support = NO_SUPPORT) -> Pose:
        return draw_variant(self.entry, rng, is_mirrored=False, jitter_factor=0.0)


def pose(kind: PoseKind, name: str) -> PoseEntry:
    return next(entry for entry in load_poses() if (entry.kind, entry.name) == (kind, name))


def person(
    basis: BodyBasis, kind: PoseKind, name: str, *, seed: int = 0, fraction: float = 1.0
) -> PersonMesh:
    accessories = AccessorySettings.model_validate(
        {field: 0.0 for field in AccessorySettings.model_fields} | {"held_fraction": fraction}
    )
    settings = PeopleSettings(accessories=accessories, jacket_fraction=0.0)
    book = OnePose(pose(kind, name))
    return generate_person(basis, np.random.default_rng(seed), pose_kind=kind, settings=settings, poses=book)


def surface_of(mesh: PersonMesh) -> np.ndarray:
    """Points all over what is held."""
    corners = mesh.vertices[mesh.quads[mesh.face_parts == Part.HELD]]
    u, v = (part.ravel()[:, None] for part in np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9)))
    a, b, c, d = (corners[:, None, k] for k in range(4))
    return ((1 - u) * ((1 - v) * a + v * d) + u * ((1 - v) * b + v * c)).reshape(-1, 3)


def points_of(mesh: PersonMesh, *parts: Part) -> np.ndarray:
    return mesh.vertices[np.unique(mesh.quads[np.isin(mesh.face_parts, parts)])]


@pytest.mark.parametrize(
    "entry", [entry for entry in load_poses() if entry.hold], ids=lambda e: f"{e.kind} {e.name}"
)
def test_what_a_pose_is_ready_for_is_near_a_hand_and_above_the_floor(
    basis: BodyBasis, entry: PoseEntry
) -> None:
    """Arms that keep out of a broad trunk may be a little farther from what lies in the middle."""
    nearest = []
    for seed in range(3):
        mesh = person(basis, entry.kind, entry.name, seed=seed)
        held = points_of(mesh, Part.HELD)
        assert mesh.parameters["held"] in entry.hold.things and len(held)
        skin = points_of(mesh, Part.LEFT_ARM, Part.RIGHT_ARM)
        gaps = np.linalg.norm(surface_of(mesh)[:, None] - skin[None, ::2], axis=2)
        nearest.append(gaps.min())
        assert held[:, 2].min() > 0.2
    assert min(nearest) < 0.08 and max(nearest) < 0.12


def test_a_laptop_lies_on_the_thighs_and_its_screen_rises_before_the_knees_end(basis: BodyBasis) -> None:
    for name in ("laptop on the lap", "laptop on the lap, legs stretched"):
        mesh = person(basis, "sitting", name, seed=3)
        held = points_of(mesh, Part.HELD)
        clothes = points_of(mesh, Part.TROUSERS, Part.SKIRT, Part.DRESS, Part.LEFT_LEG, Part.RIGHT_LEG)
        below = clothes[
            (np.abs(clothes[:, 1] - held[:, 1].mean()) < 0.08) & (clothes[:, 2] < held[:, 2].max())
        ]
        assert -0.08 < held[:, 2].min() - below[:, 2].max() < 0.06
        assert held[:, 2].max() - held[:, 2].min() > 0.15


def test_a_box_is_carried_clear_of_the_trunk(basis: BodyBasis) -> None:
    boxes = [person(basis, "standing", "carrying with both hands", seed=seed) for seed in range(4)]
    for mesh in (mesh for mesh in boxes if mesh.parameters["held"] == "box"):
        held, trunk = points_of(mesh, Part.HELD), points_of(mesh, Part.UPPER_CLOTHES)
        level = trunk[(np.abs(trunk[:, 2] - held[:, 2].mean()) < 0.05) & (np.abs(trunk[:, 0]) < 0.03)]
        assert held[:, 1].max() < level[:, 1].min() + 0.02


def test_nobody_holds_anything_where_the_share_is_zero(basis: BodyBasis) -> None:
    mesh = person(basis, "standing", "holding a cup", fraction=0.0)
    assert mesh.parameters["held"] is None and not len(points_of(mesh, Part.HELD))


def test_palms_of_the_template_face_the_body(basis: BodyBasis) -> None:
    """In the A-pose the arms hang aside with the palms turned down and inwards."""
    figure = Figure(basis, basis.template_m)
    for side, inward in (("L", -1.0), ("R", 1.0)):
        hand = find_hand(figure, side)
        assert hand.palm[0] * inward > 0 or hand.palm[2] < 0
        assert hand.along[2] < 0


def test_a_mirrored_pose_holds_its_thing_in_the_other_hand() -> None:
    hold = Hold.model_validate({"place": "under the arm R", "things": ["laptop"]})
    assert mirrored(hold).place == "under the arm L" and mirrored(mirrored(hold)) == hold
    assert mirrored(None) is None


def test_a_thing_that_a_place_has_no_shape_for_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"things held in 'R' must be of \['phone', 'cup'\], but were \['box'\]"
    ):
        Hold(place="R", things=("box",))


def test_as_many_hold_something_as_the_share_says() -> None:
    rng, hold = np.random.default_rng(0), Hold.model_validate({"place": "R", "things": ["cup", "phone"]})
    drawn = [draw_held(rng, hold, fraction=0.6) for _ in range(2000)]
    assert np.mean([thing is not None for thing in drawn]) == pytest.approx(0.6, abs=0.04)
    assert drawn.count("cup") == pytest.approx(600, abs=80)

"""People of a street: on the pavements, on a crossing and on bicycles."""

from typing import NamedTuple

import numpy as np

from blender_assets.coco_keypoints import KEYPOINT_NAMES
from blender_assets.people.body import BodyBasis
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import PersonMesh
from blender_assets.people.pose_library import PoseEntry
from blender_assets.people.pose_settings import PoseSettings
from blender_assets.people.poses import Pose, PoseBook, draw_variant
from blender_assets.people.support import NO_SUPPORT, PoseKind, Support
from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.plan import KERB_M, StreetPlan
from blender_assets.sample_street.settings import StreetSettings
from blender_assets.sample_street.things import Thing, Track
from blender_assets.sample_street.two_wheelers import Grips, build_bicycle

PEOPLE = PeopleSettings(jacket_fraction=0.4, skirt_fraction_of_women=0.2)
_WALKING = PoseBook(
    PoseSettings(activity_weights={"standing": 0, "talking": 0, "phone": 0, "reaching": 0, "carrying": 0})
)
_STANDING = PoseBook(PoseSettings(activity_weights={"walking": 0, "reaching": 0}))
_REACH_M = 75.0
_WALKERS_EACH_SIDE, _RIDERS_EACH_WAY = 5.0, 1.7
_PEDAL_SOLE_M = 0.12  # of the lower foot above the road
_HIP_ABOVE_SADDLE_M = 0.1
# Angles as in poses.json: one foot at the bottom of the pedal's turn, the other at its top.
_RIDING = PoseEntry.model_validate(
    {
        "name": "riding",
        "kind": "standing",
        "activity": "riding",
        "feet": {"L": "free", "R": "free"},
        "bones": {
            "spine05": [14, 0, 0], "spine03": [9, 0, 0], "spine02": [7, 0, 0], "neck01": [-14, 0, 0],
            "upperarm01": [-78, -6, 0], "lowerarm01": [-22, 0, 0],
            "upperleg01.L": [-78, 0, 0], "lowerleg01.L": [82, 0, 0],
            "upperleg01.R": [-34, 0, 0], "lowerleg01.R": [44, 0, 0],
        },
    }
)  # fmt: skip


class _RidingBook(PoseBook):
    """Everybody rides."""

    def draw(self, rng: np.random.Generator, kind: PoseKind, support: Support = NO_SUPPORT) -> Pose:
        return draw_variant(_RIDING, rng, is_mirrored=bool(rng.random() < 0.5), jitter_factor=0.25)


_RIDERS = _RidingBook(PoseSettings())


class Walk(NamedTuple):
    """How somebody goes along or across."""

    track: Track
    is_standing: bool


def draw_people(
    basis: BodyBasis,
    plan: StreetPlan,
    rng: np.random.Generator,
    settings: StreetSettings,
    *,
    crossing_m: float | None,
) -> list[Thing]:
    """Walkers on both pavements and, where people cross, on that crossing."""
    density = settings.pedestrian_density
    walks = [
        _draw_walk(plan, side_sign, rng)
        for side_sign in (1, -1)
        for _ in range(int(rng.poisson(_WALKERS_EACH_SIDE * density)))
    ]
    if crossing_m is not None:
        walks += [_draw_crossing(plan, crossing_m, rng) for _ in range(int(rng.integers(1, 5)))]
    return [_walker(basis, walk, rng) for walk in walks]


def _draw_walk(plan: StreetPlan, sign: int, rng: np.random.Generator) -> Walk:
    """Nobody starts or stops in the crossing street."""
    side = plan.right if sign > 0 else plan.left
    x = sign * float(rng.uniform(side.verge_m + 0.5, side.front_m - 0.4))
    y = float(rng.uniform(7, _REACH_M))
    if not plan.junction.is_clear(y, 3.0):
        y = plan.junction.middle_m - plan.junction.half_m - 4.0
    if rng.random() < 0.25:
        return Walk(Track(x, y, turn_deg=float(rng.uniform(0, 360)), z=KERB_M), is_standing=True)
    ahead = float(rng.choice([-1, 1]))
    speed = ahead * float(rng.uniform(0.9, 1.7))
    turn = (0.0 if ahead > 0 else 180.0) + float(rng.normal(0, 5))
    return Walk(Track(x, y, y_m_s=speed, turn_deg=turn, z=KERB_M), is_standing=False)


def _draw_crossing(plan: StreetPlan, crossing_m: float, rng: np.random.Generator) -> Walk:
    ahead = float(rng.choice([-1, 1]))
    x = float(rng.uniform(-plan.left.kerb_m, plan.right.kerb_m))
    track = Track(
        x,
        crossing_m + float(rng.uniform(-1.1, 1.1)),
        x_m_s=ahead * float(rng.uniform(0.9, 1.5)),
        turn_deg=-90.0 * ahead,
    )
    return Walk(track, is_standing=False)


def _walker(basis: BodyBasis, walk: Walk, rng: np.random.Generator) -> Thing:
    poses = _STANDING if walk.is_standing else _WALKING
    mesh = generate_person(basis, rng, pose_kind="standing", settings=PEOPLE, poses=poses)
    return Thing(StreetClass.PERSON, mesh, walk.track)


def draw_riders(
    basis: BodyBasis, plan: StreetPlan, rng: np.random.Generator, settings: StreetSettings
) -> list[Thing]:
    """Cyclists at the edge of both lanes, each a rider and a bicycle."""
    things: list[Thing] = []
    for sign in (1, -1):
        y = float(rng.uniform(9, 18))
        speed = float(rng.uniform(3.5, 5.5))
        for _ in range(int(rng.poisson(_RIDERS_EACH_WAY * settings.pedestrian_density))):
            x = sign * (plan.lane_m - 0.35)
            track = Track(x, y, y_m_s=sign * speed, turn_deg=0.0 if sign > 0 else 180.0)
            things += _cyclist(basis, track, rng)
            y += float(rng.uniform(5, 30))
    return things


def _cyclist(basis: BodyBasis, track: Track, rng: np.random.Generator) -> list[Thing]:
    mesh = generate_person(basis, rng, pose_kind="standing", settings=PEOPLE, poses=_RIDERS)
    grips, lift_m = _grips_of(mesh)
    lifted = Track(track.x, track.y, track.x_m_s, track.y_m_s, track.turn_deg, z=lift_m)
    return [
        Thing(StreetClass.RIDER, mesh, lifted),
        Thing(StreetClass.BICYCLE, tuple(build_bicycle(rng, grips)), track),
    ]


def _grips_of(mesh: PersonMesh) -> tuple[Grips, float]:
    """The bicycle that fits a rider, and how far the rider is lifted from the road. People face -y."""
    points = {name: mesh.keypoints[k] for k, name in enumerate(KEYPOINT_NAMES)}
    hip = (points["left_hip"] + points["right_hip"]) / 2
    wrist = (points["left_wrist"] + points["right_wrist"]) / 2
    saddle_m = float(hip[2]) + _PEDAL_SOLE_M - _HIP_ABOVE_SADDLE_M
    hands = (float(-wrist[1]) + 0.06, float(wrist[2]) + _PEDAL_SOLE_M - 0.03)
    return Grips(saddle_m=saddle_m, hands_m=hands, pedals_m=0.29), _PEDAL_SOLE_M

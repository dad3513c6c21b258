"""A whole person: body, skin, clothes and hair put together as one mesh with face colours."""

from dataclasses import asdict

import numpy as np

from blender_assets.people.accessories import Accessories, draw_accessories
from blender_assets.people.body import BodyBasis, RestBody, morph_body, move_face, pose_body
from blender_assets.people.carried import build_bag, build_lanyard
from blender_assets.people.clothes import build_clothes
from blender_assets.people.colors import skin_color
from blender_assets.people.expressions import draw_expression, face_units_of
from blender_assets.people.figure import Figure
from blender_assets.people.garments import measure
from blender_assets.people.hair import HairStyle, build_beard, build_brows, build_hair, draw_hair
from blender_assets.people.head import HeadFrame, fit_head
from blender_assets.people.headgear import build_glasses, build_headwear, build_mask
from blender_assets.people.phenotypes import Body, PeopleSettings, draw_body
from blender_assets.people.pieces import PersonMesh, Piece, join
from blender_assets.people.poses import Pose, PoseKind, draw_pose, pose_rotations
from blender_assets.people.skin import IRIS_COLORS, build_eyes, build_skin
from blender_assets.people.wardrobe import Outfit, draw_outfit


def stand_on_floor(basis: BodyBasis, posed: np.ndarray, *, sole_m: float = 0.012) -> np.ndarray:
    """Shifted so that the shoe soles are at z = 0 and the hips above the origin."""
    hips = np.unique(basis.faces["body"])[
        basis.bone_weights[np.unique(basis.faces["body"])][:, basis.bone("spine05")] > 0.2
    ]
    centre = posed[hips].mean(axis=0)
    lowest = posed[np.unique(basis.faces["tights"]), 2].min() - sole_m
    return posed - np.array([centre[0], centre[1], lowest], dtype=np.float32)


def put_in_pose(basis: BodyBasis, rest: RestBody, pose: Pose, *, scale: float) -> np.ndarray:
    """Posed vertices [V, 3] in metres, standing on the floor."""
    posed = pose_body(basis, rest, pose_rotations(basis, rest, pose)) * np.float32(scale)
    return stand_on_floor(basis, posed)


def draw_face(
    basis: BodyBasis, rng: np.random.Generator, body: Body, *, settings: PeopleSettings
) -> tuple[RestBody, dict[str, object]]:
    """The morphed body with an expression, and what was drawn for it."""
    expression = draw_expression(rng, settings=settings.expressions)
    units = face_units_of(
        expression, basis.face_unit_names, rng, jitter_std=settings.expressions.unit_jitter_std
    )
    rest = move_face(basis, morph_body(basis, body.phenotypes), units)
    return rest, {"expression": expression, "face_units": units}


def build_on_head(
    figure: Figure,
    frame: HeadFrame,
    style: HairStyle,
    worn: Accessories,
    *,
    tone: np.ndarray,
) -> list[Piece]:
    """Hair, beard, headwear, glasses and mask; a headscarf hides the hair, a mask the beard."""
    pieces = build_headwear(figure, frame, worn)
    if worn.headwear != "headscarf":
        is_pressed = worn.headwear != "none"
        pieces += build_hair(figure, frame, style, tone=tone, is_pressed=is_pressed)
    pieces += build_mask(figure, frame, worn)
    if worn.mask < 0:
        pieces += build_beard(figure, style)
    return [*pieces, *build_brows(figure, style), *build_glasses(frame, worn)]


def clothes_thickness(outfit: Outfit) -> float:
    """Metres from the body to the outermost layer on the chest."""
    if outfit.jacket is not None:
        return 0.018 + outfit.jacket.looseness_m
    return 0.012 + outfit.top.looseness_m


def generate_person(
    basis: BodyBasis, rng: np.random.Generator, *, pose_kind: PoseKind, settings: PeopleSettings
) -> PersonMesh:
    """Draw one dressed person. Everything comes from rng; `parameters` lists all that was drawn."""
    body = draw_body(basis, rng, settings=settings)
    pose = draw_pose(rng, pose_kind, jitter_factor=settings.pose_jitter_factor)
    outfit = draw_outfit(rng, body.is_female, settings=settings)
    style = draw_hair(rng, body.is_female, body.melanin, is_child=body.is_child, settings=settings)
    worn = draw_accessories(
        rng, body.is_female, is_sitting=pose_kind == "sitting", settings=settings.accessories
    )
    rest, face = draw_face(basis, rng, body, settings=settings)
    iris = int(rng.integers(len(IRIS_COLORS)))
    figure = Figure(basis, put_in_pose(basis, rest, pose, scale=body.scale))
    tone = skin_color(body.melanin, body.skin_hue)
    cut, frame = measure(basis), fit_head(basis, figure.vertices)
    pieces = [
        build_skin(figure, cut, outfit, body=body, style=style, tone=tone),
        *build_eyes(figure, iris=iris),
        *build_clothes(figure, outfit, cut),
        *build_on_head(figure, frame, style, worn, tone=tone),
        *build_bag(figure, cut, worn, clothes_m=clothes_thickness(outfit)),
        *build_lanyard(figure, cut, worn, clothes_m=clothes_thickness(outfit)),
    ]
    parameters = {
        **asdict(body),
        **face,
        "iris": iris,
        "pose_name": pose.name,
        "pose_is_mirrored": pose.is_mirrored,
        "pose_angles_deg": pose.angles_deg,
        "outfit": outfit.as_parameters(),
        "hair": style.as_parameters(),
        "accessories": worn.as_parameters(),
    }
    return join(pieces, pose=pose_kind, parameters=parameters)

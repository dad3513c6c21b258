"""A whole person: body, skin, clothes and hair put together as one mesh with face colours."""

from dataclasses import asdict, replace

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
from blender_assets.people.held import build_held
from blender_assets.people.holding import draw_held
from blender_assets.people.keypoints import locate_keypoints
from blender_assets.people.phenotypes import Body, PeopleSettings, draw_body
from blender_assets.people.pieces import PersonMesh, Piece, join
from blender_assets.people.poses import LIBRARY, ClipPose, PoseBook, describe_pose, pose_rotations
from blender_assets.people.skin import IRIS_COLORS, build_eyes, build_skin
from blender_assets.people.support import NO_SUPPORT, PoseKind, Support
from blender_assets.people.wardrobe import Outfit, draw_outfit


def put_on_floor(basis: BodyBasis, posed: np.ndarray, *, sole_m: float = 0.012) -> np.ndarray:
    """Shifted so that the lowest shoe sole, or of a lying person the clothes, is at z = 0; hips above the origin."""
    hips = np.unique(basis.faces["body"])[
        basis.bone_weights[np.unique(basis.faces["body"])][:, basis.bone("spine05")] > 0.2
    ]
    centre = posed[hips].mean(axis=0)
    lowest = posed[np.unique(basis.faces["tights"]), 2].min() - sole_m
    return posed - np.array([centre[0], centre[1], lowest], dtype=np.float32)


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
    basis: BodyBasis,
    rng: np.random.Generator,
    *,
    pose_kind: PoseKind,
    settings: PeopleSettings,
    poses: PoseBook = LIBRARY,
    support: Support = NO_SUPPORT,
) -> PersonMesh:
    """Draw one dressed person. Everything comes from rng; `parameters` lists all that was drawn."""
    body = draw_body(basis, rng, settings=settings)
    pose = poses.draw(rng, pose_kind, support)
    outfit = draw_outfit(rng, body.is_female, settings=settings)
    style = draw_hair(rng, body.is_female, body.melanin, is_child=body.is_child, settings=settings)
    worn = draw_accessories(
        rng, body.is_female, is_standing=pose_kind == "standing", settings=settings.accessories
    )
    rest, face = draw_face(basis, rng, body, settings=settings)
    iris = int(rng.integers(len(IRIS_COLORS)))
    rotations = pose_rotations(basis, rest, pose, pose_kind, support=support, scale=body.scale)
    posed = pose_body(basis, rest, rotations) * np.float32(body.scale)
    figure = Figure(basis, put_on_floor(basis, posed))
    hold = None if isinstance(pose, ClipPose) else pose.hold
    held = draw_held(rng, hold, fraction=settings.accessories.held_fraction)
    tone, thick_m = skin_color(body.melanin, body.skin_hue), clothes_thickness(outfit)
    cut, frame = measure(basis), fit_head(basis, figure.vertices)
    pieces = [
        build_skin(figure, cut, outfit, body=body, style=style, tone=tone),
        *build_eyes(figure, iris=iris),
        *build_clothes(figure, outfit, cut),
        *build_on_head(figure, frame, style, worn, tone=tone),
        *build_bag(figure, cut, worn, clothes_m=thick_m),
        *build_lanyard(figure, cut, worn, clothes_m=thick_m),
        *build_held(figure, hold, held, rng),
    ]
    looks = {"outfit": outfit, "hair": style, "accessories": worn}
    parameters = {**asdict(body), **face, "iris": iris, "held": held, **describe_pose(pose)}
    parameters |= {name: look.as_parameters() for name, look in looks.items()}
    keypoints = locate_keypoints(basis, figure.vertices)
    return rest_on_floor(join(pieces, keypoints=keypoints, pose=pose_kind, parameters=parameters))


def rest_on_floor(mesh: PersonMesh) -> PersonMesh:
    """The lowest point exactly at z = 0; long hair and brims of lying people lie on the floor instead of in it."""
    vertices = mesh.vertices
    if mesh.pose == "lying":
        vertices = np.concatenate([vertices[:, :2], np.maximum(vertices[:, 2:], 0)], axis=1)
    drop_m = np.array([0.0, 0.0, vertices[:, 2].min()], dtype=np.float32)
    return replace(mesh, vertices=vertices - drop_m, keypoints=mesh.keypoints - drop_m)

"""An outfit as pieces: garments and trimmings with their fabrics and parts."""

import numpy as np

from blender_assets.people import garments, trimmings
from blender_assets.people.fabrics import Fabric, weave_coordinates
from blender_assets.people.figure import Figure
from blender_assets.people.garments import Cut
from blender_assets.people.mesh import Patch
from blender_assets.people.parts import Part, by_side
from blender_assets.people.pieces import CLOTH, GLOSS, Piece
from blender_assets.people.wardrobe import Outfit

BUTTON_COLOR = np.array([0.45, 0.43, 0.4])
BELT_COLOR = np.array([0.025, 0.018, 0.012])
LEG_PARTS = {"trousers": Part.TROUSERS, "shorts": Part.TROUSERS, "skirt": Part.SKIRT, "dress": Part.DRESS}


def cloth(patch: Patch, fabric: Fabric, parts: np.ndarray | Part, *, shade: float = 1.0) -> Piece:
    return Piece(
        patch,
        CLOTH,
        parts,
        shade * np.array(fabric.color),
        second_colors=shade * np.array(fabric.second_color),
        finishes=fabric.finish(),
        weave=weave_coordinates(patch.rest),
    )


def plain(patch: Patch, color: np.ndarray, parts: np.ndarray | Part) -> Piece:
    return Piece(patch, CLOTH, parts, color, weave=weave_coordinates(patch.rest))


def build_top(figure: Figure, outfit: Outfit, cut: Cut) -> list[Piece]:
    top = outfit.top
    part = Part.DRESS if outfit.legs.kind == "dress" else Part.UPPER_CLOTHES
    fabric = outfit.legs.fabric if outfit.legs.kind == "dress" else top.fabric
    pieces = [cloth(garments.sew_top(figure, outfit, cut), fabric, part)]
    if top.kind == "shirt" and part is Part.UPPER_CLOTHES:
        placket = trimmings.sew_placket(figure, outfit, cut)
        collar = trimmings.sew_collar(
            figure,
            cut,
            neck_drop_m=top.neck_drop_m,
            offset_m=0.01 + 0.4 * top.looseness_m,
            gap_m=0.004,
        )
        buttons = trimmings.sew_buttons(placket, outfit)
        pieces += [cloth(patch, fabric, part) for patch in (placket, *collar)]
        pieces.append(Piece(buttons, GLOSS, part, BUTTON_COLOR))
    if top.kind == "hoodie" and part is Part.UPPER_CLOTHES:
        pieces += [cloth(patch, fabric, part) for patch in trimmings.sew_hood(figure, outfit, cut)]
        if outfit.jacket is None:
            pieces.append(cloth(trimmings.sew_pocket(figure, outfit, cut), fabric, part, shade=0.95))
    return pieces


def build_jacket(figure: Figure, outfit: Outfit, cut: Cut) -> list[Piece]:
    jacket = outfit.jacket
    if jacket is None:
        return []
    patches = [garments.sew_jacket(figure, outfit, cut)]
    patches += trimmings.sew_collar(figure, cut, neck_drop_m=0.015, offset_m=0.019, gap_m=0.06)
    if jacket.kind == "blazer":
        patches.append(trimmings.sew_lapels(figure, outfit, jacket, cut))
    return [cloth(patch, jacket.fabric, Part.COAT) for patch in patches]


def build_legwear(figure: Figure, outfit: Outfit, cut: Cut) -> list[Piece]:
    part = LEG_PARTS[outfit.legs.kind]
    pieces = [cloth(garments.sew_legs(figure, outfit, cut), outfit.legs.fabric, part)]
    if outfit.top.is_tucked and part is Part.TROUSERS:
        pieces.append(plain(trimmings.sew_belt(figure, outfit, cut), BELT_COLOR, part))
    return pieces


def build_shoes(figure: Figure, outfit: Outfit, cut: Cut) -> list[Piece]:
    shoes = outfit.shoes
    pieces = []
    for patch, color in (
        (garments.sew_shoes(figure, outfit, cut), shoes.fabric.color),
        (trimmings.sew_soles(figure, outfit, cut), shoes.sole_color),
    ):
        side = patch.rest[patch.quads, 0].mean(axis=1)
        parts = by_side(side, left=Part.LEFT_SHOE, right=Part.RIGHT_SHOE)
        pieces.append(plain(patch, np.array(color), parts))
    return pieces


def build_clothes(figure: Figure, outfit: Outfit, cut: Cut) -> list[Piece]:
    builders = (build_top, build_jacket, build_legwear, build_shoes)
    return [piece for build in builders for piece in build(figure, outfit, cut)]

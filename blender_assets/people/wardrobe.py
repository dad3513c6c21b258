"""What people wear: kinds, cuts and fabrics, drawn together as an outfit."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from blender_assets.people.colors import draw_fabric_color, draw_trouser_color
from blender_assets.people.fabrics import Fabric, draw_fabric
from blender_assets.people.phenotypes import PeopleSettings

TopKind = Literal["t-shirt", "shirt", "sweater", "hoodie"]
JacketKind = Literal["blazer", "zip"]
LegKind = Literal["trousers", "shorts", "skirt", "dress"]
ShoeKind = Literal["low", "sneaker", "boot"]
# Heights on the template body (1.67 m tall, z from -0.82 at the soles to 0.85 at the crown).
ANKLE_Z, KNEE_Z, WAIST_Z, NECK_Z = -0.735, -0.369, 0.185, 0.578


@dataclass(frozen=True)
class Top:
    kind: TopKind
    fabric: Fabric
    sleeve: float  # share of the arm that is covered, shoulder 0 .. wrist 1
    hem_z_m: float
    neck_drop_m: float
    looseness_m: float
    is_tucked: bool  # into trousers or skirt


@dataclass(frozen=True)
class Jacket:
    kind: JacketKind
    fabric: Fabric
    hem_z_m: float
    half_opening_m: float  # at the hem
    looseness_m: float


@dataclass(frozen=True)
class Legwear:
    kind: LegKind
    fabric: Fabric
    hem_z_m: float
    looseness_m: float


@dataclass(frozen=True)
class Shoes:
    kind: ShoeKind
    fabric: Fabric
    sole_color: tuple[float, float, float]


@dataclass(frozen=True)
class Outfit:
    """Everything that was drawn for the clothes of a person."""

    top: Top
    jacket: Jacket | None
    legs: Legwear
    shoes: Shoes
    fold_seed: int

    def as_parameters(self) -> dict[str, Any]:
        return asdict(self)


def draw_top_kind(rng: np.random.Generator, is_long: bool) -> TopKind:
    if not is_long:
        return "shirt" if rng.random() < 0.25 else "t-shirt"
    kinds: tuple[TopKind, ...] = ("shirt", "sweater", "hoodie", "t-shirt")
    return kinds[int(rng.choice(4, p=[0.4, 0.3, 0.18, 0.12]))]


def draw_top(rng: np.random.Generator, *, legs: LegKind, settings: PeopleSettings) -> Top:
    is_long = bool(rng.random() < settings.long_sleeve_fraction)
    kind = draw_top_kind(rng, is_long)
    is_tucked = legs in ("skirt", "dress") or (kind in ("shirt", "t-shirt") and rng.random() < 0.3)
    color = draw_fabric_color(rng, settings=settings)
    printed = ("stripes", "checks", "print") if kind in ("t-shirt", "sweater") else ("print",)
    kinds = ("stripes", "pinstripes", "checks") if kind == "shirt" else printed
    return Top(
        kind=kind,
        fabric=draw_fabric(rng, color, kinds=kinds, settings=settings),
        sleeve=float(rng.uniform(0.9, 0.98) if is_long else rng.uniform(0.22, 0.38)),
        hem_z_m=WAIST_Z - 0.06 if is_tucked else float(rng.uniform(-0.01, 0.08)),
        neck_drop_m=float(rng.uniform(0.0, 0.02) if kind != "t-shirt" else rng.uniform(0.0, 0.06)),
        looseness_m=float(rng.uniform(0.003, 0.012) + 0.006 * (kind == "hoodie")),
        is_tucked=is_tucked,
    )


def draw_jacket(rng: np.random.Generator, *, settings: PeopleSettings) -> Jacket | None:
    if rng.random() >= settings.jacket_fraction:
        return None
    color = draw_trouser_color(rng, settings=settings)
    return Jacket(
        kind="blazer" if rng.random() < 0.6 else "zip",
        fabric=draw_fabric(rng, color, kinds=("pinstripes", "checks"), settings=settings),
        hem_z_m=float(rng.uniform(-0.05, 0.03)),
        half_opening_m=float(rng.uniform(0.01, 0.05)),
        looseness_m=float(rng.uniform(0.004, 0.01)),
    )


def draw_leg_cut(
    rng: np.random.Generator, is_female: bool, *, settings: PeopleSettings
) -> tuple[LegKind, float]:
    """Kind and hem height (template metres)."""
    if is_female and rng.random() < settings.skirt_fraction_of_women:
        kind: LegKind = "dress" if rng.random() < 0.5 else "skirt"
        return kind, float(rng.uniform(KNEE_Z - 0.15, KNEE_Z + 0.1))
    if rng.random() < settings.shorts_fraction:
        return "shorts", float(rng.uniform(KNEE_Z + 0.01, KNEE_Z + 0.12))
    return "trousers", float(rng.uniform(ANKLE_Z - 0.02, ANKLE_Z + 0.03))


def draw_legwear(rng: np.random.Generator, is_female: bool, *, settings: PeopleSettings) -> Legwear:
    kind, hem_z_m = draw_leg_cut(rng, is_female, settings=settings)
    is_trousers = kind in ("trousers", "shorts")
    color = (draw_trouser_color if is_trousers else draw_fabric_color)(rng, settings=settings)
    kinds = () if is_trousers else ("stripes", "checks")
    fabric = draw_fabric(rng, color, kinds=kinds, settings=settings)
    return Legwear(kind=kind, fabric=fabric, hem_z_m=hem_z_m, looseness_m=float(rng.uniform(0.002, 0.024)))


def draw_shoes(rng: np.random.Generator, *, settings: PeopleSettings) -> Shoes:
    kinds: tuple[ShoeKind, ...] = ("low", "sneaker", "boot")
    kind = kinds[int(rng.choice(3, p=[0.4, 0.45, 0.15]))]
    is_light = kind == "sneaker" and rng.random() < 0.4
    color = np.full(3, 0.7) if is_light else draw_trouser_color(rng, settings=settings)
    sole = np.full(3, 0.65) if kind == "sneaker" else np.full(3, 0.02)
    fabric = draw_fabric(rng, color, kinds=(), settings=settings)
    return Shoes(kind=kind, fabric=fabric, sole_color=(float(sole[0]), float(sole[1]), float(sole[2])))


def draw_outfit(rng: np.random.Generator, is_female: bool, *, settings: PeopleSettings) -> Outfit:
    legs = draw_legwear(rng, is_female, settings=settings)
    top = draw_top(rng, legs=legs.kind, settings=settings)
    return Outfit(
        top=top,
        jacket=None if legs.kind == "dress" else draw_jacket(rng, settings=settings),
        legs=legs,
        shoes=draw_shoes(rng, settings=settings),
        fold_seed=int(rng.integers(2**31)),
    )

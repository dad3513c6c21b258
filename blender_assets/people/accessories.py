"""What people wear besides clothes: caps, headscarves, glasses, masks, bags, lanyards; how it is drawn."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

HeadwearKind = Literal["none", "cap", "beanie", "headscarf"]
BagKind = Literal["none", "backpack", "shoulder bag"]
MASK_COLORS = np.array([[0.72, 0.73, 0.74], [0.3, 0.48, 0.62], [0.02, 0.02, 0.022]])


class AccessorySettings(BaseModel):
    """How many people wear what; shares of all people, the headscarf of women."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cap_fraction: float = Field(default=0.06, ge=0, le=0.4)  # share of all people with a peaked cap
    beanie_fraction: float = Field(default=0.04, ge=0, le=0.4)  # share of all people with a knitted cap
    # share of the women with a headscarf, who then wear no cap
    headscarf_fraction_of_women: float = Field(default=0.06, ge=0, le=1)
    glasses_fraction: float = Field(default=0.3, ge=0, le=1)  # share of all people with glasses
    # share of the glasses that are dark
    sunglasses_fraction_of_glasses: float = Field(default=0.08, ge=0, le=1)
    mask_fraction: float = Field(default=0.04, ge=0, le=1)  # share of all people with a face mask
    # share of the standing people; who sits or lies has put it down
    backpack_fraction: float = Field(default=0.08, ge=0, le=0.5)
    shoulder_bag_fraction: float = Field(default=0.08, ge=0, le=0.5)  # share of the standing people, likewise
    lanyard_fraction: float = Field(default=0.15, ge=0, le=1)  # share of all people with a badge on a ribbon
    # share of those whose pose is ready for a phone, cup, paper, box or laptop, and who hold it
    held_fraction: float = Field(default=0.9, ge=0, le=1)


@dataclass(frozen=True)
class Accessories:
    headwear: HeadwearKind
    headwear_color: tuple[float, float, float]
    has_glasses: bool
    has_dark_lenses: bool
    has_round_lenses: bool
    frame_color: tuple[float, float, float]
    mask: int  # row of MASK_COLORS, -1 none
    bag: BagKind
    bag_color: tuple[float, float, float]
    bag_size: float  # 0 small .. 1 large
    has_lanyard: bool
    lanyard_color: tuple[float, float, float]

    def as_parameters(self) -> dict[str, Any]:
        return asdict(self)


def draw_color(rng: np.random.Generator, *, darkness: float) -> tuple[float, float, float]:
    """Linear RGB; darkness 0 is any colour, 1 is mostly dark."""
    color = rng.uniform(0.01, 0.5, 3) * (1 - darkness * rng.uniform(0.5, 1.0))
    grey = color.mean()
    red, green, blue = (float(grey + 0.6 * (channel - grey)) for channel in color)
    return red, green, blue


def draw_headwear(rng: np.random.Generator, is_female: bool, settings: AccessorySettings) -> HeadwearKind:
    chance = rng.random()
    if is_female and rng.random() < settings.headscarf_fraction_of_women:
        return "headscarf"
    if chance < settings.cap_fraction:
        return "cap"
    return "beanie" if chance < settings.cap_fraction + settings.beanie_fraction else "none"


def draw_bag(rng: np.random.Generator, is_standing: bool, settings: AccessorySettings) -> BagKind:
    """Who sits or lies has put it down."""
    chance = rng.random()
    if not is_standing or chance >= settings.backpack_fraction + settings.shoulder_bag_fraction:
        return "none"
    return "backpack" if chance < settings.backpack_fraction else "shoulder bag"


def draw_accessories(
    rng: np.random.Generator, is_female: bool, *, is_standing: bool, settings: AccessorySettings
) -> Accessories:
    has_glasses = bool(rng.random() < settings.glasses_fraction)
    return Accessories(
        headwear=draw_headwear(rng, is_female, settings),
        headwear_color=draw_color(rng, darkness=0.5),
        has_glasses=has_glasses,
        has_dark_lenses=has_glasses and bool(rng.random() < settings.sunglasses_fraction_of_glasses),
        has_round_lenses=bool(rng.random() < 0.4),
        frame_color=draw_color(rng, darkness=0.95),
        mask=int(rng.integers(len(MASK_COLORS))) if rng.random() < settings.mask_fraction else -1,
        bag=draw_bag(rng, is_standing, settings),
        bag_color=draw_color(rng, darkness=0.8),
        bag_size=float(rng.random()),
        has_lanyard=bool(rng.random() < settings.lanyard_fraction),
        lanyard_color=draw_color(rng, darkness=0.2),
    )

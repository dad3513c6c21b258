"""Who the people are: distributions of body, skin and clothes, after Table 7.1 of the thesis."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.people.accessories import AccessorySettings
from blender_assets.people.body import BodyBasis, standing_height
from blender_assets.people.expressions import ExpressionSettings
from blender_assets.people.heights import height_distribution

Share = Annotated[float, Field(ge=0, le=1)]


class PeopleSettings(BaseModel):
    """Ranges are uniform (low, high) unless the name says mean or std; heights are those of `heights`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    female_fraction: Share = 0.5  # share of all people
    child_fraction: Share = 0.0  # share of all people; 0 has adults only
    # (youngest, oldest), within 2 to 14; every age as often
    child_age_years: tuple[float, float] = (4.0, 12.0)
    # (youngest, oldest), within 20 to 90; more young than old
    adult_age_years: tuple[float, float] = (22.0, 80.0)
    muscle_range: tuple[Share, Share] = (0.3, 0.75)  # 0 slack, 1 athletic
    weight_range: tuple[Share, Share] = (0.25, 0.85)  # 0 thin, 1 heavy, for the same height
    # 0 the body model's least usual proportions, 1 its ideal ones
    proportions_range: tuple[Share, Share] = (0.0, 0.6)
    # 0.5 neutral, lower redder, higher yellower; the thesis's range
    skin_hue_range: tuple[Share, Share] = (0.49, 0.51)
    melanin_range: tuple[Share, Share] = (0.2, 1.0)  # 0 the palest skin, 1 the darkest
    skin_oil_range: tuple[Share, Share] = (0.0, 1.0)  # 0 matt, 1 shiny skin
    skin_bump_range: tuple[Share, Share] = (0.0, 1.0)  # 0 smooth, 1 rough skin
    # saturation of a colour is |N(0, this)|, 0 for greys only
    fabric_saturation_std: float = Field(default=0.3, ge=0, le=2)
    # brightness of a colour is N(this, fabric_value_std), 0 for black and 1 for the brightest
    fabric_value_mean: float = Field(default=0.5, ge=0, le=1)
    fabric_value_std: float = Field(default=0.3, ge=0, le=2)  # larger mixes dark and bright clothes more
    fold_height_m: float = Field(default=0.05, ge=0, le=0.2)  # how deep clothes fold; 0 for smooth ones
    # share of the tops, jackets and skirts that could have a pattern and have none
    plain_fabric_fraction: Share = 0.6
    # share of trousers, shorts and jackets in the usual dark colours; the others have any colour
    dark_trousers_fraction: Share = 0.6
    skirt_fraction_of_women: Share = 0.15  # share of the women in a skirt or a dress
    shorts_fraction: Share = 0.1  # share of shorts among all who wear no skirt
    jacket_fraction: Share = 0.2  # share of all people with a jacket over their top
    long_sleeve_fraction: Share = 0.5  # share of the tops
    grey_hair_fraction: Share = 0.12  # share of all people, of any age
    expressions: ExpressionSettings = Field(default_factory=ExpressionSettings)  # faces
    accessories: AccessorySettings = Field(default_factory=AccessorySettings)  # hats, glasses, masks, bags

    @model_validator(mode="after")
    def _ranges_ascend_within_the_model(self) -> "PeopleSettings":
        for name, value in self:
            if isinstance(value, tuple) and value[0] > value[1]:
                raise ValueError(f"{name} must be (low, high), but was {value}; swap its ends")
        for name, allowed in (("child_age_years", (2.0, 14.0)), ("adult_age_years", (20.0, 90.0))):
            low, high = getattr(self, name)
            if low < allowed[0] or high > allowed[1]:
                raise ValueError(
                    f"{name} must lie within {allowed}, but was {(low, high)}; keep it in that range"
                )
        return self


@dataclass(frozen=True)
class Body:
    phenotypes: dict[str, float]
    is_female: bool
    is_child: bool
    age_years: float
    scale: float  # applied after the morph, where the height phenotype alone cannot reach the drawn height
    height_m: float
    melanin: float
    skin_hue: float
    skin_oil: float  # 0 matte .. 1 shiny
    skin_bump: float  # 0 smooth .. 1 rough


def age_phenotype(age_years: float) -> float:
    """The body's age 0..1: babies of 1 year at 0, children of 10 at 1/3, adults of 25 at 2/3, old of 90 at 1."""
    return float(np.interp(age_years, [1, 10, 25, 90], [0, 1 / 3, 2 / 3, 1]))


def draw_age(rng: np.random.Generator, is_child: bool, *, settings: PeopleSettings) -> float:
    """Years: children evenly, adults with more young than old ones."""
    low, high = settings.child_age_years if is_child else settings.adult_age_years
    return float(low + (high - low) * (rng.random() if is_child else rng.beta(1.2, 2.0)))


def draw_height(rng: np.random.Generator, age_years: float, is_female: bool) -> float:
    """Standing height in metres, normal, cut at three standard deviations."""
    mean, std = height_distribution(age_years, is_female=is_female)
    return mean + std * float(np.clip(rng.normal(), -3, 3))


def draw_ancestry(rng: np.random.Generator, melanin: float) -> dict[str, float]:
    """Proportions that lean the way of the skin's melanin; the mixture keeps unusual faces possible."""
    lean = np.array([0.2 + 3 * melanin**2, 0.8, 0.2 + 3 * (1 - melanin) ** 2])
    african, asian, caucasian = rng.dirichlet(lean)
    return {"african": float(african), "asian": float(asian), "caucasian": float(caucasian)}


def fit_height(basis: BodyBasis, phenotypes: dict[str, float], *, height_m: float) -> tuple[float, float]:
    """The height phenotype 0..1 and the scale that give height_m (height is linear in its phenotype)."""
    short, tall = (standing_height(basis, {**phenotypes, "height": h}) for h in (0.0, 1.0))
    value = float(np.clip((height_m - short) / (tall - short), 0.15, 0.85))
    reached = standing_height(basis, {**phenotypes, "height": value})
    return value, height_m / reached


def draw_body(basis: BodyBasis, rng: np.random.Generator, *, settings: PeopleSettings) -> Body:
    """One adult, or a child with the chance child_fraction; the uncalibrated model spans 1.41-2.21 m."""
    is_female = bool(rng.random() < settings.female_fraction)
    is_child = bool(rng.random() < settings.child_fraction)
    age_years = draw_age(rng, is_child, settings=settings)
    melanin = float(rng.uniform(*settings.melanin_range))
    phenotypes = {
        "gender": float(rng.uniform(0.85, 1.0) if is_female else rng.uniform(0.0, 0.15)),
        "age": age_phenotype(age_years),
        "muscle": float(rng.uniform(*settings.muscle_range)),
        "weight": float(rng.uniform(*settings.weight_range)),
        "height": 0.5,
        "proportions": float(rng.uniform(*settings.proportions_range)),
        "cupsize": float(rng.uniform(0.2, 0.7)),
        "firmness": float(rng.uniform(0.4, 0.8)),
        **draw_ancestry(rng, melanin),
    }
    height_m = draw_height(rng, age_years, is_female)
    phenotypes["height"], scale = fit_height(basis, phenotypes, height_m=height_m)
    return Body(
        phenotypes=phenotypes,
        is_female=is_female,
        is_child=is_child,
        age_years=age_years,
        scale=scale,
        height_m=height_m,
        melanin=melanin,
        skin_hue=float(rng.uniform(*settings.skin_hue_range)),
        skin_oil=float(rng.uniform(*settings.skin_oil_range)),
        skin_bump=float(rng.uniform(*settings.skin_bump_range)),
    )

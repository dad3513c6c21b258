"""Who the people are: distributions of body, skin and clothes, after Table 7.1 of the thesis."""

from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.people.body import BodyBasis, height_end_vertices, standing_height


class PeopleSettings(BaseModel):
    """Ranges are uniform (low, high) unless the name says mean or std."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    female_fraction: float = Field(default=0.5, ge=0, le=1)
    male_height_mean_m: float = 1.77
    female_height_mean_m: float = 1.65
    height_std_m: float = Field(default=0.07, ge=0)
    height_range_m: tuple[float, float] = (1.5, 2.0)
    muscle_range: tuple[float, float] = (0.3, 0.75)
    weight_range: tuple[float, float] = (0.25, 0.85)
    skin_hue_range: tuple[float, float] = (0.49, 0.51)
    melanin_range: tuple[float, float] = (0.2, 1.0)
    fabric_saturation_std: float = Field(default=0.3, ge=0)
    fabric_value_mean: float = 0.5
    fabric_value_std: float = Field(default=0.2, ge=0)
    plain_fabric_fraction: float = Field(default=0.6, ge=0, le=1)
    dark_trousers_fraction: float = Field(default=0.6, ge=0, le=1)
    skirt_fraction_of_women: float = Field(default=0.15, ge=0, le=1)
    shorts_fraction: float = Field(default=0.1, ge=0, le=1)
    jacket_fraction: float = Field(default=0.2, ge=0, le=1)
    long_sleeve_fraction: float = Field(default=0.5, ge=0, le=1)
    grey_hair_fraction: float = Field(default=0.12, ge=0, le=1)


@dataclass(frozen=True)
class Body:
    phenotypes: dict[str, float]
    is_female: bool
    scale: float  # applied after the morph, where the height phenotype alone cannot reach the drawn height
    height_m: float
    melanin: float
    skin_hue: float


def draw_height(rng: np.random.Generator, is_female: bool, *, settings: PeopleSettings) -> float:
    """Standing height in metres, redrawn until it lies in the allowed range."""
    mean = settings.female_height_mean_m if is_female else settings.male_height_mean_m
    low, high = settings.height_range_m
    for _ in range(100):
        height = rng.normal(mean, settings.height_std_m)
        if low <= height <= high:
            return float(height)
    return float(np.clip(mean, low, high))


def draw_ancestry(rng: np.random.Generator, melanin: float) -> dict[str, float]:
    """Proportions that lean the way of the skin's melanin; the mixture keeps unusual faces possible."""
    lean = np.array([0.2 + 3 * melanin**2, 0.8, 0.2 + 3 * (1 - melanin) ** 2])
    african, asian, caucasian = rng.dirichlet(lean)
    return {"african": float(african), "asian": float(asian), "caucasian": float(caucasian)}


def fit_height(basis: BodyBasis, phenotypes: dict[str, float], *, height_m: float) -> tuple[float, float]:
    """The height phenotype 0..1 and the scale that give height_m (height is linear in its phenotype)."""
    ends = height_end_vertices(basis)
    short, tall = (standing_height(basis, {**phenotypes, "height": h}, ends=ends) for h in (0.0, 1.0))
    value = float(np.clip((height_m - short) / (tall - short), 0.15, 0.85))
    reached = standing_height(basis, {**phenotypes, "height": value}, ends=ends)
    return value, height_m / reached


def draw_body(basis: BodyBasis, rng: np.random.Generator, *, settings: PeopleSettings) -> Body:
    """One adult of 1.5-2.0 m; the uncalibrated model spans 1.41-2.21 m."""
    is_female = bool(rng.random() < settings.female_fraction)
    melanin = float(rng.uniform(*settings.melanin_range))
    phenotypes = {
        "gender": float(rng.uniform(0.85, 1.0) if is_female else rng.uniform(0.0, 0.15)),
        "age": float(2 / 3 + rng.beta(1.2, 2.5) / 3),
        "muscle": float(rng.uniform(*settings.muscle_range)),
        "weight": float(rng.uniform(*settings.weight_range)),
        "height": 0.5,
        "proportions": float(rng.uniform(0.0, 0.6)),
        "cupsize": float(rng.uniform(0.2, 0.7)),
        "firmness": float(rng.uniform(0.4, 0.8)),
        **draw_ancestry(rng, melanin),
    }
    height_m = draw_height(rng, is_female, settings=settings)
    phenotypes["height"], scale = fit_height(basis, phenotypes, height_m=height_m)
    hue = float(rng.uniform(*settings.skin_hue_range))
    return Body(phenotypes, is_female, scale, height_m, melanin, hue)

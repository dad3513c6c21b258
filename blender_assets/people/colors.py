"""Colours of skin, hair and fabric, in linear RGB."""

import colorsys

import numpy as np

from blender_assets.people.phenotypes import PeopleSettings

# melanin 0 (pale) to 1 (dark): linear RGB albedo
SKIN_STOPS = np.array(
    [[0.78, 0.53, 0.42], [0.62, 0.37, 0.25], [0.36, 0.18, 0.105], [0.15, 0.07, 0.042], [0.06, 0.03, 0.02]]
)
HAIR_COLORS = np.array(
    [
        [0.008, 0.006, 0.005],
        [0.03, 0.016, 0.009],
        [0.085, 0.042, 0.02],
        [0.26, 0.16, 0.075],
        [0.13, 0.045, 0.017],
    ]
)
GREY_HAIR = np.array([0.32, 0.31, 0.3])
TROUSER_COLORS = np.array(
    [
        [0.012, 0.012, 0.014],
        [0.02, 0.028, 0.055],
        [0.045, 0.07, 0.13],
        [0.06, 0.06, 0.062],
        [0.28, 0.22, 0.14],
    ]
)


def srgb_to_linear(color: np.ndarray) -> np.ndarray:
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def skin_color(melanin: float, hue: float) -> np.ndarray:
    """Linear RGB [3]; hue 0.5 is neutral, lower is redder, higher is yellower (the thesis draws U(0.49, 0.51))."""
    stops = np.linspace(0, 1, len(SKIN_STOPS))
    color = np.array([np.interp(melanin, stops, SKIN_STOPS[:, channel]) for channel in range(3)])
    return np.clip(color * (1 + np.array([-1.0, 4.0, -3.0]) * (hue - 0.5)), 0, 1)


def draw_fabric_color(rng: np.random.Generator, *, settings: PeopleSettings) -> np.ndarray:
    """Linear RGB [3]: any hue, saturation |N(0, std)| and value N(mean, std) as in Table 7.1."""
    saturation = min(abs(rng.normal(0, settings.fabric_saturation_std)), 0.9)
    value = np.clip(rng.normal(settings.fabric_value_mean, settings.fabric_value_std), 0.06, 0.95)
    return srgb_to_linear(np.array(colorsys.hsv_to_rgb(rng.random(), saturation, float(value))))


def draw_trouser_color(rng: np.random.Generator, *, settings: PeopleSettings) -> np.ndarray:
    if rng.random() >= settings.dark_trousers_fraction:
        return draw_fabric_color(rng, settings=settings) * 0.7
    return TROUSER_COLORS[rng.integers(len(TROUSER_COLORS))] * rng.uniform(0.7, 1.4)


def draw_hair_color(rng: np.random.Generator, melanin: float, *, settings: PeopleSettings) -> np.ndarray:
    """Linear RGB [3]; darker skin goes with darker hair, mostly."""
    if rng.random() < settings.grey_hair_fraction:
        return GREY_HAIR * rng.uniform(0.5, 1.8)
    chances = np.array([0.3 + melanin, 0.3, 0.25, 0.25, 0.05]) * np.array(
        [1, 1, 1.2 - melanin, 1.1 - melanin, 1.1 - melanin]
    )
    chances = np.maximum(chances, 0.01)
    return HAIR_COLORS[rng.choice(len(HAIR_COLORS), p=chances / chances.sum())] * rng.uniform(0.7, 1.3)

"""Sun, sky, lamps and lit windows of a street by time of day, and how its camera takes them."""

from dataclasses import dataclass

import numpy as np

from blender_assets.sample_street.settings import TimeOfDay
from blender_assets.sample_street.solids import Surface

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Sky:
    horizon: Color
    zenith: Color
    clouds: Color
    cloudiness: float  # 0 clear .. 1 overcast


@dataclass(frozen=True)
class Illumination:
    sun_w_m2: float
    sun_elevation_deg: float
    sun_azimuth_deg: float
    sun_color: Color
    sky: Sky
    lamp_w: float  # of each street lamp
    headlight_w: float  # of each vehicle
    strengths: dict[Surface, float]  # factor on what faces give off
    exposure_ev: float  # how much darker than mid grey the camera leaves the scene
    sensor_gain: float  # how much it amplifies: noise grows with it


@dataclass(frozen=True)
class Weather:
    """Of one street; every time of day has its own light under it."""

    sun_elevation_deg: float
    sun_azimuth_deg: float
    cloudiness: float
    warmth: float  # of the evening sky


def draw_weather(rng: np.random.Generator) -> Weather:
    return Weather(
        sun_elevation_deg=float(rng.uniform(18, 62)),
        sun_azimuth_deg=float(rng.uniform(0, 360)),
        cloudiness=float(rng.choice([rng.uniform(0.05, 0.5), rng.uniform(0.85, 1.0)], p=[0.6, 0.4])),
        warmth=float(rng.uniform(0.2, 1.0)),
    )


def illuminate(time: TimeOfDay, weather: Weather) -> Illumination:
    return {"day": _day, "dusk": _dusk, "night": _night}[time](weather)


def _scaled(color: Color, factor: float) -> Color:
    red, green, blue = (float(value * factor) for value in color)
    return red, green, blue


def _day(weather: Weather) -> Illumination:
    clear = max(0.0, 1 - 1.25 * max(weather.cloudiness - 0.3, 0))
    low = 1 - weather.sun_elevation_deg / 62
    sky = Sky((0.72, 0.8, 0.9), (0.16, 0.34, 0.75), (0.7, 0.72, 0.75), weather.cloudiness)
    return Illumination(
        sun_w_m2=4.2 * clear,
        sun_elevation_deg=weather.sun_elevation_deg,
        sun_azimuth_deg=weather.sun_azimuth_deg,
        sun_color=(1.0, 0.96 - 0.12 * low, 0.88 - 0.3 * low),
        sky=sky,
        lamp_w=0.0,
        headlight_w=0.0,
        strengths={"glass": 0.03, "lamp": 0.0, "headlight": 0.25, "signal": 2.2},
        exposure_ev=-0.3,
        sensor_gain=1.0,
    )


def _dusk(weather: Weather) -> Illumination:
    warm = (1.0, 0.45 + 0.2 * (1 - weather.warmth), 0.25 + 0.35 * (1 - weather.warmth))
    sky = Sky(_scaled(warm, 0.2), (0.035, 0.06, 0.15), (0.1, 0.085, 0.11), weather.cloudiness)
    return Illumination(
        sun_w_m2=0.0,
        sun_elevation_deg=5.0,
        sun_azimuth_deg=weather.sun_azimuth_deg,
        sun_color=(1.0, 0.6, 0.4),
        sky=sky,
        lamp_w=130.0,
        headlight_w=60.0,
        strengths={"glass": 0.2, "lamp": 6.0, "headlight": 3.0, "signal": 0.7},
        exposure_ev=-2.0,
        sensor_gain=2.0,
    )


def _night(weather: Weather) -> Illumination:
    sky = Sky((0.012, 0.009, 0.008), (0.0015, 0.002, 0.004), (0.01, 0.008, 0.008), weather.cloudiness)
    return Illumination(
        sun_w_m2=0.0,
        sun_elevation_deg=5.0,
        sun_azimuth_deg=weather.sun_azimuth_deg,
        sun_color=(1.0, 1.0, 1.0),
        sky=sky,
        lamp_w=340.0,
        headlight_w=110.0,
        strengths={"glass": 0.16, "lamp": 9.0, "headlight": 4.0, "signal": 0.6},
        exposure_ev=-2.8,
        sensor_gain=3.5,
    )

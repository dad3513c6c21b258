"""Light for a scene: what the photo tells of its light, and random lamps of that brightness and tint."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_assets.settings import RenderSettings

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# Typical albedos: bright walls, floors, and the whitest there is: paper, fresh paint.
WALL_ALBEDO, FLOOR_ALBEDO, WHITEST_ALBEDO = 0.75, 0.25, 0.9
# From black plastic or hair to white paper, and the albedo of a photographer's grey card.
SURFACE_RANGE, MIDDLE_ALBEDO, MOST_CONTRAST = 0.9 / 0.03, 0.18, 1.35
CHEST_M = 1.2
# About this part of an open surface's light reaches people past their own bodies (measured).
UNBLOCKED_SHARE = 0.7


@dataclass(frozen=True)
class PhotoLight:
    """white_radiance: linear value that a white matt surface would have in the photo; tint averages 1.

    contrast: the exponent by which its light and its camera stretch the range of surfaces, 1 for not at all.
    """

    white_radiance: float
    tint: tuple[float, float, float]
    floor_color: tuple[float, float, float]
    contrast: float

    @property
    def middle_grey(self) -> float:
        """The linear value that contrast leaves as it is: of a surface that returns 18 % of the light."""
        return MIDDLE_ALBEDO * self.white_radiance


@dataclass(frozen=True)
class Lamp:
    """A square area light that shines straight down."""

    position_m: tuple[float, float, float]
    size_m: float
    power_w: float
    color: tuple[float, float, float]


@dataclass(frozen=True)
class SceneLight:
    lamps: tuple[Lamp, ...]
    world_color: tuple[float, float, float]
    world_strength: float


def measure_photo_light(
    linear_rgb: NDArray[np.floating], seen: NDArray[np.bool_], floor: NDArray[np.bool_]
) -> PhotoLight:
    """linear_rgb [h, w, 3], masks [h, w]: the geometric mean of what bright part, white point and floor suggest."""
    luminance = linear_rgb @ LUMINANCE
    floor = floor & seen if (floor & seen).any() else seen
    from_walls = float(np.percentile(luminance[seen], 90)) / WALL_ALBEDO
    from_floor = float(np.median(luminance[floor])) / FLOOR_ALBEDO
    from_whitest = float(np.percentile(luminance[seen], 99.5)) / WHITEST_ALBEDO
    # Floors differ more in albedo than the brightest tenth of a picture does, and the whitest may be a lamp or a window.
    hints = np.maximum([from_walls, from_whitest, from_floor], 1e-4)
    white = float(np.exp(np.log(hints) @ [0.5, 0.3, 0.2]))
    white = float(np.clip(white, 0.03, 1.3))
    mean = linear_rgb[seen].mean(axis=0) + 1e-3
    # Half of the cast is put down to the light, the other half to the colours of the room.
    tint = np.sqrt(mean / (mean @ LUMINANCE))
    floor_color = np.clip(np.median(linear_rgb[floor], axis=0) / white, 0.02, 0.8)
    return PhotoLight(white, _rgb(tint / tint.mean()), _rgb(floor_color), measure_contrast(luminance[seen]))


def measure_contrast(luminance: NDArray[np.floating]) -> float:
    """From a photo's linear values [n]: the range from its black to its white point, by that of surfaces alone.

    What is black or white in the place is unknown, so that a small range tells nothing and gives 1.
    """
    black, white = np.maximum(np.percentile(luminance, [1, 99]), 1e-4)
    return float(np.clip(np.log(white / black) / np.log(SURFACE_RANGE), 1.0, MOST_CONTRAST))


def draw_light(
    photo: PhotoLight, settings: RenderSettings, rng: np.random.Generator, *, people_xy: NDArray[np.floating]
) -> SceneLight:
    """Lamps near the people plus an even world; together white people [n, 2] come out as in the photo."""
    white = photo.white_radiance * rng.uniform(*settings.exposure_gain) / UNBLOCKED_SHARE
    share = rng.uniform(*settings.light_share)
    num_lamps = int(rng.integers(*settings.num_lights, endpoint=True))
    shares = share * rng.dirichlet(np.full(num_lamps, 3.0)) if num_lamps else np.empty(0)
    lamps = tuple(_draw_lamp(photo, settings, rng, people_xy, white * s) for s in shares)
    world_share = 1 - share if num_lamps else 1.0
    return SceneLight(lamps, _tinted(photo, settings, rng, factor=0.3), float(white * world_share))


def _draw_lamp(
    photo: PhotoLight,
    settings: RenderSettings,
    rng: np.random.Generator,
    people_xy: NDArray[np.floating],
    radiance: float,
) -> Lamp:
    angle, distance_m = rng.uniform(0, 2 * np.pi), rng.uniform(*settings.light_distance_m)
    height_m = rng.uniform(*settings.light_height_m)
    lamp_xy = people_xy.mean(axis=0) + distance_m * np.array([np.cos(angle), np.sin(angle)])
    return Lamp(
        position_m=(float(lamp_xy[0]), float(lamp_xy[1]), float(height_m)),
        size_m=float(rng.uniform(*settings.light_size_m)),
        power_w=power_for(radiance, people_xy - lamp_xy, rise_m=height_m - CHEST_M),
        color=_tinted(photo, settings, rng, factor=1.0),
    )


def power_for(radiance: float, away_xy: NDArray[np.floating], *, rise_m: float) -> float:
    """Watts of a matt lamp that faces down, for white level surfaces away_xy [n, 2] and rise_m below it.

    P watts give P cos^2 / (pi d^2) of irradiance, which white returns over pi; mean over surfaces.
    """
    squared_m2 = np.sum(away_xy**2, axis=1) + rise_m**2
    radiance_per_watt = np.mean(rise_m**2 / squared_m2**2) / np.pi**2
    return float(radiance / radiance_per_watt)


def _tinted(
    photo: PhotoLight, settings: RenderSettings, rng: np.random.Generator, *, factor: float
) -> tuple[float, float, float]:
    warmth = factor * rng.uniform(*settings.light_warmth)
    color = np.array(photo.tint) * [1.0, 1 - warmth / 3, 1 - warmth]
    return _rgb(color / (color @ LUMINANCE))


def _rgb(color: NDArray[np.floating]) -> tuple[float, float, float]:
    return float(color[0]), float(color[1]), float(color[2])

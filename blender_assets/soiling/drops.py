"""Drops of water: they show the scene through a lens of their own, with a dark rim and the glint of a light."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blender_assets.soiling.drop_shapes import Drops, DropsConfig, place_drops
from blender_assets.soiling.layers import GLINT, LIGHTS, SKY, Layer, SceneView
from blender_assets.soiling.pane import Pane
from blender_assets.soiling.refraction import refract, surface_at

# Where no light comes through, the eye sees the dark inside of the camera, mirrored.
RIM_ALBEDO = 0.06
_LAMP_WIDTH_RAD = 0.13
_LAMP_STRENGTH = 0.9
_MOST_STRAY = 0.35  # of its radius, by which a drop is narrower or wider in a direction
_LOBES = (2, 3, 4)  # of edges that are no circles: ovals, triangles, squares


@dataclass(frozen=True)
class _Frames:
    """Axes [g, 3, 3] of each drop as rows (right, up on the pane, away), and mm a block there [g]."""

    axes: NDArray[np.float64]
    mm_per_block: NDArray[np.float64]


@dataclass(frozen=True)
class _Patch:
    """n blocks that drops may cover: of which drop, their place in the pane (flat), and x, y in mm on its base."""

    drop: NDArray[np.intp]
    place: NDArray[np.intp]
    x: NDArray[np.float32]
    y: NDArray[np.float32]


@dataclass(frozen=True)
class _Seen:
    """What n blocks (flat) show: they hide `hides` [n], of which the share `transmission` [n] arrives from pixels_xy [n, 2].

    `lamp` and `stray` [n] are the shares of that which the lamp and stray light take the place of.
    """

    place: NDArray[np.intp]
    hides: NDArray[np.float32]
    pixels_xy: NDArray[np.float32]
    transmission: NDArray[np.float32]
    lamp: NDArray[np.float64]
    stray: NDArray[np.float64]

    @staticmethod
    def nothing() -> "_Seen":
        none = np.zeros(0, np.float32)
        return _Seen(np.zeros(0, np.intp), none, np.zeros((0, 2), np.float32), none, np.zeros(0), np.zeros(0))


def draw_drops(pane: Pane, config: DropsConfig, share: float, rng: np.random.Generator) -> Layer:
    """Drops over `share` of what is seen, before they are blurred."""
    drops = place_drops(pane, config, share, rng)
    return show_drops(pane, drops, config, rng)


def show_drops(pane: Pane, drops: Drops, config: DropsConfig, rng: np.random.Generator) -> Layer:
    """Where each drop shows which part of the scene; `rng` shapes their edges and hangs up the lamp."""
    if not len(drops.reach_mm):
        return _painted(pane, _Seen.nothing())
    frames = _frames(pane, drops.middles_xy)
    patch = _patch(pane, drops, frames)
    patch = replace(patch, **_strayed(patch, drops, config.irregular, rng))
    covered = _coverage(patch, drops, frames)
    own = _kept(patch, covered > 0)
    out = refract(drops.caps.taken(own.drop), own.x, own.y, pane.distance_mm)
    scene = np.einsum("ij,ijk->ik", out.directions.astype(np.float64), frames.axes[own.drop])
    lamp = _LAMP_STRENGTH * np.exp((scene @ _lamp(rng) - 1) / _LAMP_WIDTH_RAD**2)
    stray = (1 - lamp) * config.stray_light
    seen = _Seen(own.place, covered[covered > 0], pane.where_seen(scene), out.transmission, lamp, stray)
    return _painted(pane, seen)


def _painted(pane: Pane, seen: _Seen) -> Layer:
    """What n blocks show, over the pane."""
    alpha, weight = np.zeros(pane.shape_hw, np.float32), np.zeros(pane.shape_hw, np.float32)
    light = np.zeros((*pane.shape_hw, LIGHTS), np.float32)
    pixels = np.zeros((*pane.shape_hw, 2), np.float32)
    arriving = seen.hides * seen.transmission
    alpha.ravel()[seen.place] = seen.hides
    pixels.reshape(-1, 2)[seen.place] = seen.pixels_xy
    weight.ravel()[seen.place] = arriving * (1 - seen.lamp - seen.stray)
    flat = light.reshape(-1, LIGHTS)
    flat[seen.place, :3] = (RIM_ALBEDO * (seen.hides - arriving))[:, None]
    flat[seen.place, GLINT] = arriving * seen.lamp
    flat[seen.place, SKY] = arriving * seen.stray
    return Layer(alpha, light, SceneView(pixels, weight))


def _frames(pane: Pane, middles_xy: NDArray[np.float64]) -> _Frames:
    away = pane.rays(middles_xy)
    half_x, half_y = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    beside = pane.rays(middles_xy + half_x) - pane.rays(middles_xy - half_x)
    below = pane.rays(middles_xy + half_y) - pane.rays(middles_xy - half_y)
    right = beside - (beside * away).sum(axis=1, keepdims=True) * away
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    axes = np.stack([right, np.cross(right, away), away], axis=1)
    sides = np.minimum(np.linalg.norm(beside, axis=1), np.linalg.norm(below, axis=1))
    return _Frames(axes, pane.distance_mm * sides)


def _patch(pane: Pane, drops: Drops, frames: _Frames) -> _Patch:
    """The blocks around every drop, with the ray of each on the drop's base."""
    height, width = pane.shape_hw
    reach = np.ceil(drops.reach_mm / (1 - _MOST_STRAY) / frames.mm_per_block + 1.5).astype(int)
    numbers, places = [], []
    for number, ((x, y), own) in enumerate(zip(drops.middles_xy.astype(int), reach, strict=True)):
        columns = np.arange(max(x - own, 0), min(x + own + 1, width))
        rows = np.arange(max(y - own, 0), min(y + own + 1, height))
        places.append((rows[:, None] * width + columns).ravel())
        numbers.append(np.full(places[-1].size, number))
    drop, place = np.concatenate(numbers), np.concatenate(places)
    blocks = np.stack([place % width, place // width], axis=1) + 0.5
    local = np.einsum("ijk,ik->ij", frames.axes[drop], pane.rays(blocks))
    on_base = (pane.distance_mm * local[:, :2] / np.maximum(local[:, 2:], 0.05)).astype(np.float32)
    return _Patch(drop, place, on_base[:, 0], on_base[:, 1])


def _strayed(
    patch: _Patch, drops: Drops, irregular: float, rng: np.random.Generator
) -> dict[str, NDArray[np.float32]]:
    """x and y of the places on drops that are stretched by harmonics of the angle about their middle.

    r^k cos(k angle) is the real part of (x + i y)^k: smooth in the middle too, where the optics count.
    """
    place = (patch.x + 1j * patch.y) / drops.reach_mm[patch.drop]
    place /= np.maximum(abs(place), 1)  # beyond a drop its edge goes straight on, or it would grow arms
    shift = rng.normal(0, 0.6, (len(_LOBES), len(drops.reach_mm)))
    turn = np.exp(2j * np.pi * rng.random(shift.shape))
    waves = (shift * turn).astype(np.complex64) / np.array(_LOBES)[:, None]
    stretch = sum((wave[patch.drop] * place**lobes).real for wave, lobes in zip(waves, _LOBES, strict=True))
    factor = (1 + np.clip(irregular * stretch, -_MOST_STRAY, _MOST_STRAY)).astype(np.float32)
    return {"x": patch.x * factor, "y": patch.y * factor}


def _coverage(patch: _Patch, drops: Drops, frames: _Frames) -> NDArray[np.float32]:
    """[n] share of each block inside its drop, as if the edge were straight there."""
    surface = surface_at(drops.caps.taken(patch.drop), patch.x, patch.y)
    steep = np.maximum(np.hypot(surface.slope_x, surface.slope_y), 0.05)
    return np.clip(0.5 + surface.height / (steep * frames.mm_per_block[patch.drop]), 0, 1).astype(np.float32)


def _kept(patch: _Patch, keep: NDArray[np.bool_]) -> _Patch:
    return _Patch(patch.drop[keep], patch.place[keep], patch.x[keep], patch.y[keep])


def _lamp(rng: np.random.Generator) -> NDArray[np.float64]:
    """[3] unit vector to the light that glints in drops: above the camera, ahead of it and to one side."""
    height, side = np.radians(rng.uniform(25, 50)), np.radians(rng.uniform(-40, 40))
    return np.array([np.cos(height) * np.sin(side), np.sin(height), -np.cos(height) * np.cos(side)])

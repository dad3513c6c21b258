"""A ray from the camera through a drop of water: in by its flat base, out by its cap, or held back by total reflection.

Local axes of a drop: x right and y up on the pane, z away from the camera; the pupil is at the origin, the base at z =
distance. Shapes: n rays, k caps that make up one drop. Lengths in mm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WATER_INDEX = 1.33  # at 589 nm and 20 degrees C (Hale and Querry, Optical constants of water, 1973)
CRITICAL_ANGLE_DEG = float(np.degrees(np.arcsin(1 / WATER_INDEX)))  # 48.75: beyond it all light is reflected
NORMAL_REFLECTANCE = ((WATER_INDEX - 1) / (WATER_INDEX + 1)) ** 2  # 0.020 (Fresnel)
_STEPS = 4  # to where a ray leaves the cap; each takes away nine tenths of the error
_FAR_BELOW_MM = -1e4

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Caps:
    """Spherical caps [n, k]: middle x, y on the base, radius of the base, contact angle; merged over `blend` [n] mm.

    A cap with the radius a of its base and the contact angle tau is cut from a sphere of the radius a / sin(tau). A
    radius of 0 is no cap.
    """

    x: Floats
    y: Floats
    radius: Floats
    contact_rad: Floats
    blend: Floats

    def taken(self, index: NDArray[np.intp]) -> "Caps":
        return Caps(*(getattr(self, name)[index] for name in ("x", "y", "radius", "contact_rad", "blend")))


@dataclass(frozen=True)
class Surface:
    """height [n] of a drop above its base, negative beside it, and its slopes [n]."""

    height: Floats
    slope_x: Floats
    slope_y: Floats


@dataclass(frozen=True)
class Refracted:
    """directions [n, 3] in which the rays leave; transmission [n], 0 where they are reflected totally."""

    directions: Floats
    transmission: Floats


def focal_length_mm(radius_mm: float, contact_deg: float) -> float:
    """Of a small drop as a lens: sphere radius / (n - 1). A pane farther from the pupil shows the scene inverted."""
    return radius_mm / np.sin(np.radians(contact_deg)) / (WATER_INDEX - 1)


def surface_at(caps: Caps, x: Floats, y: Floats) -> Surface:
    """The caps as one smooth surface: metaballs.

    Two caps are joined by the polynomial smooth maximum (Quilez, smooth minimum, 2013), which leaves a cap that is alone as
    it is. Beside its base a cap goes on below it as a cone, so that near caps grow together there.
    """
    joined = _cap(caps, 0, x, y)
    for number in range(1, caps.x.shape[1]):
        other = _cap(caps, number, x, y)
        part = np.clip(0.5 + 0.5 * (joined.height - other.height) / caps.blend, 0, 1)
        joined = Surface(
            part * joined.height + (1 - part) * other.height + caps.blend * part * (1 - part),
            part * joined.slope_x + (1 - part) * other.slope_x,
            part * joined.slope_y + (1 - part) * other.slope_y,
        )
    return joined


def _cap(caps: Caps, number: int, x: Floats, y: Floats) -> Surface:
    radius, contact = caps.radius[:, number], caps.contact_rad[:, number]
    beside_x, beside_y = x - caps.x[:, number], y - caps.y[:, number]
    away = np.sqrt(beside_x**2 + beside_y**2)
    inner = np.minimum(away, radius)
    sphere = radius / np.sin(contact)
    rise = np.sqrt(np.maximum(sphere**2 - inner**2, 1e-12))
    slope = inner / rise
    height = rise - radius / np.tan(contact) - slope * (away - inner)
    outward = -slope / np.maximum(away, 1e-9)
    return Surface(np.where(radius > 0, height, _FAR_BELOW_MM), outward * beside_x, outward * beside_y)


def refract(caps: Caps, x: Floats, y: Floats, distance_mm: float) -> Refracted:
    """Rays from the pupil to x, y [n] on the base, through the water and out, by Snell's law.

    What is reflected on the way out is Schlick's approximation of Fresnel's equations (1994). Glass before the base is thin
    and has parallel sides, so that it turns no ray.
    """
    depth = np.float32(distance_mm)
    scale = 1 / (WATER_INDEX * np.sqrt(x**2 + y**2 + depth**2))
    wet_x, wet_y = x * scale, y * scale
    wet_z = np.sqrt(1 - wet_x**2 - wet_y**2)
    surface = _surface_where_left(caps, (x, y), (wet_x / wet_z, wet_y / wet_z))
    length = 1 / np.sqrt(1 + surface.slope_x**2 + surface.slope_y**2)
    normal = np.stack([-surface.slope_x * length, -surface.slope_y * length, length], axis=1)
    wet = np.stack([wet_x, wet_y, wet_z], axis=1)
    return _leave(wet, normal)


def _surface_where_left(caps: Caps, base: tuple[Floats, Floats], drift: tuple[Floats, Floats]) -> Surface:
    """The surface above which a ray is that drifts by dx, dy for each mm that it rises."""
    surface = surface_at(caps, *base)
    for _ in range(_STEPS):
        height = np.maximum(surface.height, 0)
        surface = surface_at(caps, base[0] + height * drift[0], base[1] + height * drift[1])
    return surface


def _leave(wet: Floats, normal: Floats) -> Refracted:
    cosine = np.einsum("ij,ij->i", wet, normal)
    squared = 1 - WATER_INDEX**2 * (1 - cosine**2)
    outside = np.sqrt(np.maximum(squared, 0))
    directions = WATER_INDEX * wet + (outside - WATER_INDEX * cosine)[:, None] * normal
    reflected = NORMAL_REFLECTANCE + (1 - NORMAL_REFLECTANCE) * (1 - outside) ** 5
    return Refracted(directions, np.where(squared > 0, 1 - reflected, 0).astype(np.float32))

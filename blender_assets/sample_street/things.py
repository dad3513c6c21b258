"""What is counted in a street: vehicles and people with a track that they follow."""

from dataclasses import dataclass

import numpy as np

from blender_assets.people.pieces import PersonMesh
from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.course import Course
from blender_assets.sample_street.solids import Solid


@dataclass(frozen=True)
class Track:
    """Street metres and metres a second; turn_deg is the heading, counter-clockwise from along the street."""

    x: float
    y: float
    x_m_s: float = 0.0
    y_m_s: float = 0.0
    turn_deg: float = 0.0
    z: float = 0.0

    def at(self, seconds: float) -> tuple[float, float]:
        return self.x + self.x_m_s * seconds, self.y + self.y_m_s * seconds

    def matrix(self, course: Course, seconds: float) -> np.ndarray:
        """[4, 4] from the thing's own space, whose +y is ahead, to the world."""
        position, heading = course.pose(*self.at(seconds))
        angle = heading + np.radians(self.turn_deg)
        c, s = np.cos(angle), np.sin(angle)
        x, y, z = position
        return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, z + self.z], [0, 0, 0, 1]])


@dataclass(frozen=True)
class Thing:
    """`body` in the thing's own space, whose +y is ahead; headlights [n, 3] shine along +y while it drives."""

    kind: StreetClass
    body: tuple[Solid, ...] | PersonMesh
    track: Track
    headlights: np.ndarray | None = None

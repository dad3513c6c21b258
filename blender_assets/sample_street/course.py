"""The line that a street follows: bends that everything beside the road follows too."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_STEP_M = 0.5
_REACH_M = (-60.0, 400.0)


@dataclass(frozen=True)
class Course:
    """Heading swings by `swing_rad` to either side once in `wave_m`; at y = 0 the street starts along +y."""

    swing_rad: float
    wave_m: float
    phase_rad: float

    def heading(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """[n] metres along the street -> radians to the left of the heading at its start."""
        turn = 2 * np.pi * y / self.wave_m
        return self.swing_rad * (np.sin(turn + self.phase_rad) - np.sin(self.phase_rad))

    @cached_property
    def _line(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Samples of y [n] and the middle of the road there [n, 2]; the integral of the heading, by midpoints."""
        y = np.arange(*_REACH_M, _STEP_M)
        heading = self.heading(y[:-1] + _STEP_M / 2)
        steps = np.stack([-np.sin(heading), np.cos(heading)], axis=1) * _STEP_M
        line = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
        return y, line - line[np.searchsorted(y, 0.0)]

    def to_world(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """[n, 3] street metres -> [n, 3] world metres."""
        x, along, z = points.T
        y, line = self._line
        middle = np.stack([np.interp(along, y, line[:, 0]), np.interp(along, y, line[:, 1])], axis=1)
        heading = self.heading(along)
        right = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        return np.column_stack([middle + x[:, None] * right, z])

    def pose(self, x: float, y: float) -> tuple[NDArray[np.float64], float]:
        """World position [3] on the road and the heading there, radians counter-clockwise from +y."""
        position = self.to_world(np.array([[x, y, 0.0]]))[0]
        return position, float(self.heading(np.array([y]))[0])

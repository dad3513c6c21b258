"""Sun, sky and lamps of the office by time of day. Positions are office metres."""

from dataclasses import dataclass

import numpy as np

from blender_assets.sample_site.room import DEPTH_M, WINDOW_SILL_M, WINDOW_SIZE_M, WINDOW_X, TimeOfDay
from blender_assets.sample_site.solids import Color

LAMP_XY = ((1.6, 1.6), (1.6, 4.8), (4.2, 1.6), (4.2, 4.8), (6.9, 1.6), (6.9, 4.8))
LAMP_Z, LAMP_SIZE_M = 2.82, (1.2, 0.35)


@dataclass(frozen=True)
class Daylight:
    sun_w_m2: float
    sun_direction: tuple[float, float, float]  # the way the light travels
    sun_color: Color
    sky_w: float  # per window
    sky_color: Color
    lamp_w: float  # per lamp
    lamp_color: Color
    sensor_gain: float  # how much the camera amplifies: noise grows with it


DAYLIGHT: dict[TimeOfDay, Daylight] = {
    "morning": Daylight(
        11.0, (0.5, -0.75, -0.42), (1.0, 0.82, 0.6), 70.0, (0.78, 0.88, 1.0), 16.0, (1.0, 0.93, 0.82), 1.3
    ),
    "noon": Daylight(
        9.0, (-0.1, -0.35, -0.9), (1.0, 0.97, 0.92), 130.0, (0.86, 0.93, 1.0), 12.0, (1.0, 0.95, 0.88), 1.0
    ),
    "evening": Daylight(
        0.0, (-0.6, -0.7, -0.3), (1.0, 0.6, 0.4), 5.0, (0.5, 0.58, 0.8), 40.0, (1.0, 0.8, 0.56), 2.2
    ),
}


def window_centres() -> np.ndarray:
    """[n, 3] metres, just inside the panes."""
    height = WINDOW_SILL_M + WINDOW_SIZE_M[1] / 2
    return np.array([[x, DEPTH_M + 0.02, height] for x in WINDOW_X])

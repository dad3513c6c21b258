"""From the street's radiance to the JPEG of a dashboard camera: glare of the lens, then the sensor of the office."""

from dataclasses import replace

import cv2
import numpy as np

from blender_assets.sample_site.sensor import SensorDraw, draw_sensor, photograph
from blender_assets.sample_street.lighting import Illumination
from blender_assets.sample_street.settings import StreetSettings

# Shares of the light that lens and windscreen scatter, and how far, in widths of the image (Ritschel et al., 2009: the
# glare of a point falls off over several scales).
_GLARE = ((0.03, 0.008), (0.012, 0.03))
_CLIP = (
    60.0  # in mean radiances: a lamp seen directly saturates its pixel before it fills the image with glare
)


def scatter(radiance: np.ndarray) -> np.ndarray:
    """Linear RGB [h, w, 3] with a share of every pixel's light spread over its neighbourhood; the sum is kept."""
    light = np.minimum(radiance, _CLIP * radiance.mean()).astype(np.float32)
    veils = [
        share * cv2.GaussianBlur(light, (0, 0), width * radiance.shape[1], borderType=cv2.BORDER_REFLECT)
        for share, width in _GLARE
    ]
    return (1 - sum(share for share, _ in _GLARE)) * light + np.sum(veils, axis=0)


def adjust_camera(light: Illumination, settings: StreetSettings, rng: np.random.Generator) -> SensorDraw:
    """What the camera does all along one street at one time of day."""
    drawn = draw_sensor(rng, settings, gain=light.sensor_gain)
    return replace(drawn, exposure_ev=drawn.exposure_ev + light.exposure_ev)


def take_photo(radiance: np.ndarray, draw: SensorDraw, rng: np.random.Generator) -> np.ndarray:
    """8-bit RGB [h, w, 3] before compression."""
    is_seen = np.ones(radiance.shape[:2], dtype=bool)
    return photograph(scatter(radiance), is_seen, draw, rng)

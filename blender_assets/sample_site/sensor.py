"""From scene radiance to the JPEG of a cheap ceiling camera: exposure, optics, noise, sharpening, coding."""

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from blender_assets.sample_site.settings import PhotoSettings

TARGET_GREY = 0.19  # linear value that auto exposure gives the geometric mean


@dataclass(frozen=True)
class SensorDraw:
    exposure_ev: float
    white_balance: tuple[float, float, float]
    blur_px: float
    vignetting: float
    full_well_electrons: float
    read_noise_electrons: float
    sharpening: float
    jpeg_quality: int

    def as_parameters(self) -> dict[str, Any]:
        return asdict(self)


def draw_sensor(rng: np.random.Generator, settings: PhotoSettings, *, gain: float) -> SensorDraw:
    """What the camera does in one shot; `gain` > 1 is a dark scene that it has to amplify."""
    red, green, blue = 1 + rng.normal(0, settings.white_balance_spread, 3)
    return SensorDraw(
        exposure_ev=float(rng.uniform(*settings.exposure_ev)),
        white_balance=(float(red), float(green), float(blue)),
        blur_px=float(rng.uniform(*settings.lens_blur_px)),
        vignetting=float(rng.uniform(*settings.vignetting)),
        full_well_electrons=float(rng.uniform(*settings.full_well_electrons)) / gain,
        read_noise_electrons=float(rng.uniform(*settings.read_noise_electrons)),
        sharpening=float(rng.uniform(*settings.sharpening)),
        jpeg_quality=int(rng.integers(settings.jpeg_quality[0], settings.jpeg_quality[1] + 1)),
    )


def expose(radiance: np.ndarray, seen: np.ndarray, draw: SensorDraw) -> np.ndarray:
    """Linear image [h, w, 3], 1 is full well; half of the light's tint is balanced away, as cameras do."""
    lit = np.clip(radiance[seen], 1e-4, None)
    mean = np.exp(np.log(lit).mean(axis=0))
    balance = np.sqrt(mean.mean() / mean) * np.array(draw.white_balance)
    return radiance * balance * (TARGET_GREY / mean.mean() * 2.0**draw.exposure_ev)


def shade_corners(image: np.ndarray, vignetting: float) -> np.ndarray:
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    radius = np.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2) / np.hypot(width / 2, height / 2)
    return image * (1 - vignetting * radius**2)[..., None]


def add_noise(image: np.ndarray, draw: SensorDraw, rng: np.random.Generator) -> np.ndarray:
    """Shot noise (variance = electrons) and read noise, slightly correlated as demosaicing leaves it."""
    electrons = np.clip(image, 0, 4) * draw.full_well_electrons
    sigma = np.sqrt(electrons + draw.read_noise_electrons**2)
    noise = cv2.GaussianBlur(rng.normal(size=image.shape), (0, 0), 0.6) * 1.6
    return image + noise * sigma / draw.full_well_electrons


def develop(image: np.ndarray) -> np.ndarray:
    """Linear to display values 0..1: a shoulder that rolls off highlights, then the sRGB curve."""
    rolled = np.where(image > 0.6, 0.6 + 0.4 * (1 - np.exp(-(image - 0.6) / 0.4)), np.clip(image, 0, None))
    return np.where(
        rolled <= 0.0031308, 12.92 * rolled, 1.055 * np.maximum(rolled, 1e-6) ** (1 / 2.4) - 0.055
    )


def photograph(
    radiance: np.ndarray, seen: np.ndarray, draw: SensorDraw, rng: np.random.Generator
) -> np.ndarray:
    """8-bit RGB [h, w, 3] before compression, from linear radiance [h, w, 3]; unseen pixels are black."""
    exposed = expose(radiance, seen, draw)
    blurred = cv2.GaussianBlur(exposed.astype(np.float32), (0, 0), draw.blur_px)
    noisy = add_noise(shade_corners(blurred, draw.vignetting), draw, rng)
    display = develop(noisy * seen[..., None])
    soft = cv2.GaussianBlur(display, (0, 0), 1.0)
    sharp = display + draw.sharpening * (display - soft)
    return np.round(np.clip(sharp, 0, 1) * 255).astype(np.uint8)


def compress_jpeg(image: np.ndarray, quality: int) -> bytes:
    """RGB [h, w, 3] as JPEG bytes."""
    is_done, encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert is_done
    return encoded.tobytes()

"""What the real camera does - blur, motion, noise, sharpening, JPEG - measured on the photo or set, and put on people."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.sharpening import Sharpening, estimate_sharpening, unsharpen

Range = tuple[float, float]

# What estimate_blur finds in a render of sharp edges: Cycles' pixel filter.
RENDER_BLUR_PX = 0.3
MAX_BLUR_PX, MAX_NOISE_GREY = 3.0, 12.0
EDGE_WINDOW_PX, LEAST_EDGE_GREY, LEAST_EDGES = 9, 50.0, 40
LEAST_MOTION_PX = 0.5


class SensorSettings(BaseModel):
    """Ranges (least, most), drawn a scene; None: as measured on the background photo."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    blur_px: Range | None = None  # standard deviation of a defocus; None: as measured on the photo
    # standard deviation of the noise, of 255 grey levels; None: as measured on the photo
    noise_grey: Range | None = None
    # how much of the detail the camera adds once more, 0 for none; None: as measured on the photo
    sharpening: float | None = Field(default=None, ge=0, le=4)
    # of the Gaussian that tells detail; None: as measured on the photo
    sharpening_radius_px: float | None = Field(default=None, ge=0.5, le=8)
    # 1 to 100, lower shows more blocks; None: as the photo's file, if that is a JPEG
    jpeg_quality: int | None = Field(default=None, ge=1, le=100)
    exposure_ms: Range = (5.0, 25.0)  # how long the shutter is open: walkers blur by it
    walking_speed_m_s: Range = (0.5, 1.5)  # of people who walk; faster blurs more

    @model_validator(mode="after")
    def _ranges_ascend(self) -> "SensorSettings":
        for name, value in self:
            if isinstance(value, tuple) and not 0 <= value[0] <= value[1]:
                raise ValueError(
                    f"{name} must be (least, most) with 0 <= least <= most, but was {value}; mend its ends"
                )
        return self


@dataclass(frozen=True)
class PhotoFlaws:
    """Measured on a photo: standard deviations of its blur (px) and noise (of 255), both before the camera sharpened.

    jpeg_quality: None for no JPEG.
    """

    blur_px: float
    noise_grey: float
    jpeg_quality: int | None
    sharpening: Sharpening


@dataclass(frozen=True)
class SensorDraw:
    """What the camera does to the people of one scene; blur_px comes on top of the render's own."""

    blur_px: float
    noise_grey: float
    jpeg_quality: int | None
    exposure_ms: float


def measure_flaws(
    photo: NDArray[np.uint8],
    seen: NDArray[np.bool_],
    jpeg_quality: int | None,
    settings: SensorSettings,
) -> PhotoFlaws:
    """Of the settings the sharpening counts: what is set is not measured."""
    sharpening = choose_sharpening(photo, seen, settings)
    before = np.clip(np.round(unsharpen(photo, sharpening)), 0, 255).astype(np.uint8)
    return PhotoFlaws(estimate_blur(before, seen), estimate_noise(before, seen), jpeg_quality, sharpening)


def choose_sharpening(
    photo: NDArray[np.uint8], seen: NDArray[np.bool_], settings: SensorSettings
) -> Sharpening:
    measured = estimate_sharpening(photo, seen)
    amount, radius_px = settings.sharpening, settings.sharpening_radius_px
    return Sharpening(measured.amount if amount is None else amount, radius_px or measured.radius_px)


def draw_sensor(flaws: PhotoFlaws, settings: SensorSettings, rng: np.random.Generator) -> SensorDraw:
    measured_px = max(flaws.blur_px**2 - RENDER_BLUR_PX**2, 0.0) ** 0.5
    blur_px = rng.uniform(*(settings.blur_px or (0.9 * measured_px, 1.1 * measured_px)))
    noise_grey = rng.uniform(*(settings.noise_grey or (flaws.noise_grey, flaws.noise_grey)))
    return SensorDraw(
        blur_px=float(blur_px),
        noise_grey=float(noise_grey),
        jpeg_quality=settings.jpeg_quality or flaws.jpeg_quality,
        exposure_ms=float(rng.uniform(*settings.exposure_ms)),
    )


def estimate_blur(photo: NDArray[np.uint8], seen: NDArray[np.bool_]) -> float:
    """Standard deviation in px of the photo's point spread, from the slope of its sharpest strong edges.

    A step of height A under a Gaussian rises by at most A / (sqrt(2 pi) sigma) a pixel; the central difference
    that measures the slope adds 1/3 to sigma^2.
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(*(cv2.filter2D(grey, -1, kernel) for kernel in _DIFFERENCES))
    window = np.ones((EDGE_WINDOW_PX, EDGE_WINDOW_PX), np.uint8)
    low, high = cv2.erode(grey, window), cv2.dilate(grey, window)
    is_crest = slope >= cv2.dilate(slope, window) - 1e-3
    inside = cv2.erode(seen.astype(np.uint8), window) > 0
    is_edge = inside & is_crest & (high - low > LEAST_EDGE_GREY) & (low > 3) & (high < 252)
    if is_edge.sum() < LEAST_EDGES:
        return RENDER_BLUR_PX
    variance = ((high - low)[is_edge] / slope[is_edge]) ** 2 / (2 * np.pi) - 1 / 3
    return float(np.clip(np.percentile(np.maximum(variance, 0.0), 20) ** 0.5, 0.0, MAX_BLUR_PX))


_DIFFERENCES = (
    np.array([[-0.5, 0.0, 0.5]], dtype=np.float32),
    np.array([[-0.5], [0.0], [0.5]], dtype=np.float32),
)


def estimate_noise(photo: NDArray[np.uint8], seen: NDArray[np.bool_]) -> float:
    """Standard deviation of the photo's noise in grey levels, from its flattest places.

    Immerkaer, Fast noise variance estimation (1996): a mask that ignores planes and edges; the lower third of
    the local answers keeps texture out.
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    response = cv2.blur(np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel)), (8, 8))[::8, ::8]
    usable = response[seen[::8, ::8] & (grey[::8, ::8] > 8) & (grey[::8, ::8] < 247)]
    if not len(usable):
        return 0.0
    return float(np.clip(np.percentile(usable, 33) * np.sqrt(np.pi / 2) / 6, 0.0, MAX_NOISE_GREY / 2))


def blur_motion(
    layer: NDArray[np.float32], index: NDArray[np.int32], shifts_px: dict[int, tuple[float, float]]
) -> NDArray[np.float32]:
    """layer [h, w, c] premultiplied; what belongs to object k moves by shifts_px[k] = (dx, dy) in the exposure."""
    result = layer
    for number, shift in shifts_px.items():
        length_px = float(np.hypot(*shift))
        if length_px < LEAST_MOTION_PX or not (index == number).any():
            continue
        own = layer * (index == number)[..., None]
        result = result - own + cv2.filter2D(own, -1, _line_kernel(shift))
    return result.astype(np.float32)


def _line_kernel(shift: tuple[float, float]) -> NDArray[np.float32]:
    """A centred line of the shift's length and direction, anti-aliased, of sum 1."""
    reach = int(np.ceil(max(map(abs, shift)) / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    points = reach + np.linspace(-0.5, 0.5, 33)[:, None] * np.array(shift)
    corner = np.floor(points).astype(int)
    part = points - corner
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        weight = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
        np.add.at(kernel, (corner[:, 1] + dy, corner[:, 0] + dx), weight)
    return kernel / kernel.sum()


def sensor_noise(shape_hw: tuple[int, ...], std_grey: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """[h, w] in grey levels, smooth over a pixel or so, as demosaicing and compression leave it."""
    noise = rng.standard_normal(shape_hw, dtype=np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 0.6) * np.float32(2.1 * std_grey)


def code_as_jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """uint8 RGB [h, w, 3] as a camera's JPEG of that quality shows it (4:2:0)."""
    is_encoded, coded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert is_encoded
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1].astype(np.uint8)

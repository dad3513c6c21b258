"""The camera's sharpening: measured on a photo's edges, taken out of it and put back when people are in it.

A camera that sharpens leaves a bright and a dark seam along every edge. The model is unsharp masking of encoded grey
levels, image + amount * (image - blurred image), which is linear and so can be undone (Polesel, Ramponi and Mathews, Image
enhancement via adaptive unsharp masking, 2000, equation 1, without its adaptive part).
Shapes: n edges, t samples across each.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

REACH_PX, STEP_PX, NUM_FAR = (
    10.0,
    0.5,
    10,
)  # of a profile; its NUM_FAR outermost samples on a side are its level
LEAST_STEP_GREY, MOST_SHARE_UNEVEN, LEAST_EDGES = 25.0, 0.06, 25
ALONG_PX = (-2.0, 0.0, 2.0)
# What is searched; a radius below 0.8 px cannot be told from less blur.
BLURS_PX, RADII_PX = np.arange(0.3, 2.03, 0.05), np.arange(0.8, 4.05, 0.2)
LEAST_AMOUNT, MOST_AMOUNT, LEAST_BALANCE, GOOD_ERROR = 0.08, 2.0, 0.33, 0.00003


@dataclass(frozen=True)
class Sharpening:
    """amount: how much of the detail is added once more, 0 is none; radius_px: of the Gaussian that tells detail."""

    amount: float
    radius_px: float

    @property
    def reach_px(self) -> int:
        """How far an edge's seams reach."""
        return 0 if self.amount == 0 else len(self.kernel()) // 2

    def kernel(self) -> NDArray[np.float32]:
        """[k], of sum 1, the Gaussian along one axis."""
        column = cv2.getGaussianKernel(2 * round(4 * self.radius_px) + 1, self.radius_px, cv2.CV_32F)
        return column[:, 0].astype(np.float32)


NO_SHARPENING = Sharpening(0.0, 1.0)


def sharpen(image: NDArray[np.float32], sharpening: Sharpening) -> NDArray[np.float32]:
    """[h, w, c] grey levels, not clipped."""
    if sharpening.amount == 0:
        return image
    kernel = sharpening.kernel()
    blurred = cv2.sepFilter2D(image, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT_101)
    blurred = blurred.reshape(image.shape)  # OpenCV drops a single channel
    return (image + np.float32(sharpening.amount) * (image - blurred)).astype(np.float32)


def unsharpen(photo: NDArray[np.uint8], sharpening: Sharpening) -> NDArray[np.float32]:
    """[h, w, c] -> what `sharpen` makes the photo of; exact, for it amplifies every frequency by 1 or more."""
    image = photo.astype(np.float32)
    if sharpening.amount == 0:
        return image
    margin, (height, width) = sharpening.reach_px, photo.shape[:2]
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    gain = _gain(padded.shape[:2], sharpening)
    for channel in range(padded.shape[2]):
        spectrum = np.fft.rfft2(padded[..., channel]) / gain
        padded[..., channel] = np.fft.irfft2(spectrum, s=padded.shape[:2])
    return np.ascontiguousarray(padded[margin : margin + height, margin : margin + width])


def _gain(shape_hw: tuple[int, ...], sharpening: Sharpening) -> NDArray[np.float64]:
    """[h, w // 2 + 1] by how much `sharpen` amplifies each frequency of a periodic image."""
    kernel = sharpening.kernel()
    middle = len(kernel) // 2
    offsets = np.arange(-middle, middle + 1)
    rows, columns = np.fft.fftfreq(shape_hw[0]), np.fft.rfftfreq(shape_hw[1])
    down, right = (np.cos(2 * np.pi * f[:, None] * offsets) @ kernel for f in (rows, columns))
    return 1 + sharpening.amount * (1 - down[:, None] * right[None, :])


def estimate_sharpening(photo: NDArray[np.uint8], seen: NDArray[np.bool_]) -> Sharpening:
    """From the seams along the photo's straight, lonely edges; NO_SHARPENING where these are few or have no seams.

    A seam on one side alone is no sharpening but a line of the place's.
    """
    profiles = edge_profiles(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32), seen)
    if len(profiles) < LEAST_EDGES:
        return NO_SHARPENING
    return fit_sharpening(np.median(profiles, axis=0))


def fit_sharpening(profile: NDArray[np.floating]) -> Sharpening:
    """profile [t] from 0 to 1 across an edge: least squares over blur, radius and amount on its two sides' mean.

    A small radius with a large amount fits nearly as well as the truth: of all good fits the weakest is taken.
    """
    mean = (profile + 1 - profile[::-1]) / 2
    fits = [_fit(mean, float(blur_px), float(radius_px)) for blur_px in BLURS_PX for radius_px in RADII_PX]
    good = min(fit.error for fit in fits) + GOOD_ERROR
    chosen = min((fit for fit in fits if fit.error <= good), key=lambda fit: abs(fit.amount))
    seams = max(0.0, -float(profile.min())), max(0.0, float(profile.max()) - 1)
    if chosen.amount < LEAST_AMOUNT or min(seams) < LEAST_BALANCE * max(seams):
        return NO_SHARPENING
    return Sharpening(min(chosen.amount, MOST_AMOUNT), chosen.radius_px)


@dataclass(frozen=True)
class _Fit:
    """A sharpened step: error is the sum of squares that it leaves of a profile."""

    blur_px: float
    radius_px: float
    amount: float
    error: float

    def step(self) -> NDArray[np.floating]:
        return blurred_step(profile_positions(), self.blur_px)

    def seam(self) -> NDArray[np.floating]:
        """What an amount of 1 adds to the step."""
        wide_px = float(np.hypot(self.blur_px, self.radius_px))
        return self.step() - blurred_step(profile_positions(), wide_px)


def _fit(profile: NDArray[np.floating], blur_px: float, radius_px: float) -> _Fit:
    blank = _Fit(blur_px, radius_px, 0.0, 0.0)
    rest, seam = profile - blank.step(), blank.seam()
    amount = float(rest @ seam / (seam @ seam))
    return replace(blank, amount=amount, error=float(np.sum((rest - amount * seam) ** 2)))


def blurred_step(positions: NDArray[np.floating], blur_px: float) -> NDArray[np.floating]:
    """[t] a step from 0 to 1 under a Gaussian."""
    return np.array([0.5 + 0.5 * math.erf(position / (blur_px * 2**0.5)) for position in positions])


def profile_positions() -> NDArray[np.float64]:
    """[t] pixels from the edge, along its normal towards the bright side."""
    return np.arange(-REACH_PX, REACH_PX + STEP_PX / 2, STEP_PX)


def edge_profiles(grey: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """[n, t] of straight edges between two even surfaces, each from 0 (dark side) to 1 and with 0.5 at its middle."""
    x, y, normal = _crests(grey, seen)
    positions = profile_positions().astype(np.float32)
    samples = np.stack([_sample(grey, x, y, normal, positions, along) for along in ALONG_PX])
    bends, profiles = samples.std(axis=0).mean(axis=1), samples.mean(axis=0)
    far = profiles[:, :NUM_FAR], profiles[:, -NUM_FAR:]
    dark, bright = (np.median(side, axis=1) for side in far)
    uneven = np.maximum(bends, np.maximum(far[0].std(axis=1), far[1].std(axis=1)))
    is_step = (bright - dark > LEAST_STEP_GREY) & (uneven < MOST_SHARE_UNEVEN * (bright - dark))
    is_step &= (profiles.min(axis=1) > 3) & (profiles.max(axis=1) < 252)
    steps = (profiles[is_step] - dark[is_step, None]) / (bright - dark)[is_step, None]
    return np.array([_centred(step, positions) for step in steps], dtype=np.float32)


def _crests(
    grey: NDArray[np.float32], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """x [n], y [n] and unit normals [n, 2] where the slope is steepest, far enough from what is not seen."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    slope = np.stack([cv2.Sobel(smooth, cv2.CV_32F, *axis) / 8 for axis in ((1, 0), (0, 1))], axis=-1)
    size = np.linalg.norm(slope, axis=-1)
    margin = 2 * round(REACH_PX + 2) + 1
    inside = cv2.copyMakeBorder(seen.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    inside = cv2.erode(inside, np.ones((margin, margin), np.uint8))[1:-1, 1:-1] > 0
    is_crest = inside & (size >= cv2.dilate(size, np.ones((5, 5), np.uint8)) - 1e-3)
    y, x = np.nonzero(is_crest & (size > LEAST_STEP_GREY / 5))
    return x.astype(np.float32), y.astype(np.float32), slope[y, x] / size[y, x, None]


def _sample(
    grey: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    normal: NDArray[np.float32],
    positions: NDArray[np.float32],
    along_px: float,
) -> NDArray[np.float32]:
    """[n, t] across the edges, along_px beside their crests."""
    columns = (x - along_px * normal[:, 1])[:, None] + normal[:, :1] * positions
    rows = (y + along_px * normal[:, 0])[:, None] + normal[:, 1:] * positions
    if not len(x):
        return np.empty((0, len(positions)), np.float32)
    parts = [
        cv2.remap(grey, columns[k : k + 8192], rows[k : k + 8192], cv2.INTER_LINEAR)
        for k in range(0, len(x), 8192)
    ]
    return np.concatenate(parts).astype(np.float32)


def _centred(step: NDArray[np.float32], positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Moved along its normal so that it crosses 0.5 at 0."""
    near = np.abs(positions) <= 1.5
    crossing = np.interp(0.5, np.maximum.accumulate(step[near]), positions[near])
    return np.interp(positions + crossing, positions, step).astype(np.float32)

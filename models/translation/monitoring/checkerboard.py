"""The dots that fractional strides leave in images, as a figure (Odena et al. 2016, Deconvolution and Checkerboard)."""

import numpy as np

from models.configs import require

_STRIDE_PX = 4  # two upsamplings by 2: patterns of 4 and 2 px
_REACH = 3  # neighbours lie 3 bins off: a Hann window spreads a pure frequency over 1 bin to each side
_ROUNDING = 1e-9  # of the mean energy: what transforming a smooth image leaves everywhere


def checkerboard_energy(images_nhwc: np.ndarray) -> float:
    """Spectral energy at periods of 4 and 2 px relative to that of the neighbouring frequencies; 1 is no pattern.

    Mean over the 15 multiples of 1/4 cycle per pixel along both axes but 0, of energies summed over images and channels.
    ValueError unless height and width are multiples of 4, at least 32.
    """
    height, width = images_nhwc.shape[1:3]
    require(
        height % _STRIDE_PX == 0 and width % _STRIDE_PX == 0 and min(height, width) >= 32,
        f"Images must have sides that are multiples of 4, at least 32 px, but are {width} x {height} px.",
    )
    energy = _energy(images_nhwc)
    places = [
        (row * height // _STRIDE_PX, column * width // _STRIDE_PX)
        for row in range(_STRIDE_PX)
        for column in range(_STRIDE_PX)
        if (row, column) != (0, 0)
    ]
    return float(np.mean([_prominence(energy, row, column) for row, column in places]))


def _energy(images_nhwc: np.ndarray) -> np.ndarray:
    """[h, w], summed over images and channels, without what the images' borders add to every frequency."""
    height, width = images_nhwc.shape[1:3]
    window = np.outer(np.hanning(height + 1)[:-1], np.hanning(width + 1)[:-1])[..., None]
    energy = np.zeros((height, width))
    for image in images_nhwc:
        centred = image - image.mean(axis=(0, 1))
        energy += np.square(np.abs(np.fft.fft2(centred * window, axes=(0, 1)))).sum(axis=-1)
    return energy


def _prominence(energy: np.ndarray, row: int, column: int) -> float:
    """Energy of one frequency over the mean of those 3 bins away; 1 where there is none but rounding errors."""
    floor = _ROUNDING * energy.mean() + np.finfo(np.float64).tiny
    offsets = np.arange(-_REACH, _REACH + 1)
    around = energy[np.ix_((row + offsets) % energy.shape[0], (column + offsets) % energy.shape[1])]
    ring = np.concatenate([around[0], around[-1], around[1:-1, 0], around[1:-1, -1]])
    return float((energy[row, column] + floor) / (ring.mean() + floor))

"""Day, twilight or night by the brightness of the upper half of an image, where sky and lamps are (seed 001)."""

from dataclasses import dataclass

import numpy as np

from models.configs import require

BINS = 32
LEVELS = 256
_START_SHARE = 0.1  # of the images, darkest and brightest, that prototypes begin with
_MOST_ROUNDS = 50


@dataclass(frozen=True)
class Lighting:
    """Of n images: distances [n] to the histograms of day and night, in levels of 0..255, and the kind of each."""

    to_day: np.ndarray
    to_night: np.ndarray
    kinds: tuple[str, ...]  # day, night, or twilight between them

    @property
    def margins(self) -> np.ndarray:
        """How clear each is: 0 is as far from day as from night, 1 is one of these itself."""
        return _margins(self.to_day, self.to_night)


def brightness_histograms(images_nhwc: np.ndarray) -> np.ndarray:
    """float64 [n, 32]: shares of V (of HSV, the largest colour) in the upper half of uint8 images [n, h, w, 3]."""
    histograms = np.empty((len(images_nhwc), BINS))
    for number, image in enumerate(images_nhwc):  # one by one: sets need not fit into memory
        upper = np.asarray(image[: max(1, image.shape[0] // 2)])
        counts = np.bincount(upper.max(axis=-1).ravel() // (LEVELS // BINS), minlength=BINS)
        histograms[number] = counts / counts.sum()
    return histograms


def wasserstein_distances(histograms_nk: np.ndarray, prototype_k: np.ndarray) -> np.ndarray:
    """[n] in levels: how far brightness has to move on average to make one histogram of the other (Wasserstein-1).

    In one dimension that is the area between both cumulative distributions.
    """
    between = np.cumsum(histograms_nk - prototype_k, axis=-1)
    return np.abs(between).sum(axis=-1) * (LEVELS / histograms_nk.shape[-1])


def find_prototypes(histograms_nk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(day, night), each [k]: the mean histogram of those images that are nearer to it than to the other.

    Begins with the brightest and the darkest images, so that two runs find the same. ValueError for a single image.
    """
    require(
        len(histograms_nk) >= 2,
        f"Day and night are told apart by at least 2 images, but there are {len(histograms_nk)}; add images, or name "
        "examples of both.",
    )
    order = np.argsort(histograms_nk @ np.arange(histograms_nk.shape[1]), kind="stable")
    count = max(1, round(_START_SHARE * len(order)))
    day, night = histograms_nk[order[-count:]].mean(0), histograms_nk[order[:count]].mean(0)
    is_day = np.zeros(len(order), bool)
    for _ in range(_MOST_ROUNDS):
        nearer = wasserstein_distances(histograms_nk, day) < wasserstein_distances(histograms_nk, night)
        if (nearer == is_day).all() or nearer.all() or not nearer.any():
            break
        is_day = nearer
        day, night = histograms_nk[is_day].mean(0), histograms_nk[~is_day].mean(0)
    return day, night


def tell_lighting(
    histograms_nk: np.ndarray, day_k: np.ndarray, night_k: np.ndarray, *, least_margin: float
) -> Lighting:
    """By the nearer histogram; twilight where the margin, |a - b| / (a + b) of both distances, is below the least."""
    to_day = wasserstein_distances(histograms_nk, day_k)
    to_night = wasserstein_distances(histograms_nk, night_k)
    clear = _margins(to_day, to_night) >= least_margin
    kinds = np.where(clear, np.where(to_day < to_night, "day", "night"), "twilight")
    return Lighting(to_day, to_night, tuple(kinds.tolist()))


def _margins(to_day: np.ndarray, to_night: np.ndarray) -> np.ndarray:
    total = to_day + to_night
    return np.divide(np.abs(to_day - to_night), total, out=np.zeros_like(total), where=total > 0)

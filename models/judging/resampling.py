"""How far chance moves F1 and differences of F1: the choice of test images, and the seeds of the trainings.

Images are drawn with replacement, whole clips at a time. A few seeds drawn so would leave out most of what seeds do
(in simulations, intervals of 3 seeds held the truth 74 times in 100): their mean is moved by Student's t instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

LEAST_CLIPS = 3  # of fewer, nothing is known about another clip


@dataclass(frozen=True)
class Counts:
    """True detections and all detections of every seed's detector, int [k, n], and boxes, int [n], of every image."""

    num_true: np.ndarray
    num_found: np.ndarray
    num_boxes: np.ndarray

    def f1(self, weights: np.ndarray) -> np.ndarray:
        """F1 [draws, k] where `weights` [draws, n] says how often each image counts; 0 where nothing is there."""
        total = weights @ (self.num_found + self.num_boxes).T
        return np.where(total > 0, 2 * (weights @ self.num_true.T) / np.maximum(total, 1), 0.0)

    def f1_by_seed(self) -> np.ndarray:
        """F1 [k] over all images."""
        return self.f1(np.ones((1, len(self.num_boxes))))[0]


@dataclass(frozen=True)
class Draws:
    """What chance did in every draw, the same for all arms: that makes their differences paired.

    `weights` float [draws, n]: how often each image counts. `image_scale` [draws]: widens for few clips.
    `seed_shift` [draws]: in standard errors of the mean over seeds; 0 for a single seed, of which nothing is known.
    """

    weights: np.ndarray
    image_scale: np.ndarray
    seed_shift: np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval, the half-widths from images and from seeds alone, and p (value 0).

    `common_half_width`: the part of the seeds' that is none of the averaged seeds' own.
    """

    value: float
    interval: tuple[float, float]
    image_half_width: float
    seed_half_width: float
    common_half_width: float
    p_value: float


def draw_chances(
    clips: Sequence[str], *, num_seeds: int, draws: int, rng: np.random.Generator
) -> Draws | None:
    """Draws over images of these clips, an entry an image; None for a single image.

    Where all images are of fewer than 3 clips, images are drawn instead: intervals are then too narrow, and no verdict
    may rest on them.
    """
    is_by_clip = len(set(clips)) >= LEAST_CLIPS
    groups = np.unique(clips, return_inverse=True)[1] if is_by_clip else np.arange(len(clips))
    count = int(groups.max(initial=-1)) + 1
    if count < 2:
        return None
    chosen = rng.integers(count, size=(draws, count)) + count * np.arange(draws)[:, None]
    weights = np.bincount(chosen.ravel(), minlength=draws * count).reshape(draws, count)
    # n / (n - 1): draws of n scatter less than the n do. Chi-square: of their scatter, too, there are only n samples.
    scale = np.sqrt(count / rng.chisquare(count - 1, draws))
    shift = rng.standard_t(num_seeds - 1, draws) if num_seeds > 1 else np.zeros(draws)
    return Draws(weights[:, groups].astype(np.float64), scale, shift)


def estimate(by_seed: np.ndarray, drawn: np.ndarray, draws: Draws, *, common_error: float = 0.0) -> Estimate:
    """From one figure of every seed [k], and the same over drawn images [draws, k].

    `common_error`: a standard error that the mean has beside that of its seeds.
    """
    value = float(by_seed.mean())
    images = draws.image_scale * (drawn.mean(axis=1) - value)
    seeds = draws.seed_shift * np.hypot(_standard_error(by_seed), common_error)
    samples = np.clip(value + images + seeds, -1.0, 1.0)
    return Estimate(
        value=value,
        interval=interval_95(samples),
        image_half_width=_half_width(images),
        seed_half_width=_half_width(seeds),
        common_half_width=_half_width(draws.seed_shift) * common_error,
        p_value=two_sided_p(samples),
    )


def estimate_f1(counts: Counts, draws: Draws) -> Estimate:
    """F1 of one arm, its interval within 0..1."""
    result = estimate(counts.f1_by_seed(), counts.f1(draws.weights), draws)
    low, high = result.interval
    return replace(result, interval=(max(0.0, low), high))


def estimate_difference(counts: Counts, baseline: Counts, draws: Draws) -> Estimate:
    """F1 of one arm minus that of another, seed by seed on the same draws of images."""
    by_seed = counts.f1_by_seed() - baseline.f1_by_seed()
    return estimate(by_seed, counts.f1(draws.weights) - baseline.f1(draws.weights), draws)


def estimate_unpaired_difference(counts: Counts, baseline: Counts, draws: Draws) -> Estimate:
    """The same where the two arms' trainings have other seeds, which then move each mean by itself.

    `draws` are of the fewer seeds of the two.
    """
    base = baseline.f1_by_seed()
    return estimate(
        counts.f1_by_seed() - base.mean(),
        counts.f1(draws.weights) - baseline.f1(draws.weights).mean(axis=1, keepdims=True),
        draws,
        common_error=_standard_error(base),
    )


def estimate_f1_over(groups: Sequence[Counts], draws: Draws) -> Estimate:
    """F1 of an arm that was made anew for each group (a refiner's seed): a group's mean over its seeds is one sample."""
    if len(groups) == 1:
        return estimate_f1(groups[0], draws)
    return estimate(_means_by_group(groups), _drawn_by_group(groups, draws), draws)


def estimate_difference_over(groups: Sequence[Counts], baselines: Sequence[Counts], draws: Draws) -> Estimate:
    """The same minus F1 of the baseline, which has a group for each of the arm's groups, or a single one for all.

    The seeds of a single one move the differences of all groups alike.
    """
    if len(groups) == len(baselines) == 1:
        return estimate_difference(groups[0], baselines[0], draws)
    singles = [side[0].f1_by_seed() for side in (groups, baselines) if len(side) == 1]
    return estimate(
        _means_by_group(groups) - _means_by_group(baselines),
        _drawn_by_group(groups, draws) - _drawn_by_group(baselines, draws),
        draws,
        common_error=sum(_standard_error(by_seed) for by_seed in singles),
    )


def _means_by_group(groups: Sequence[Counts]) -> np.ndarray:
    """F1 [groups] over all images."""
    return np.array([counts.f1_by_seed().mean() for counts in groups])


def _drawn_by_group(groups: Sequence[Counts], draws: Draws) -> np.ndarray:
    """F1 [draws, groups] over drawn images."""
    return np.stack([counts.f1(draws.weights).mean(axis=1) for counts in groups], axis=1)


def _standard_error(by_seed: np.ndarray) -> float:
    return float(by_seed.std(ddof=1) / np.sqrt(len(by_seed))) if len(by_seed) > 1 else 0.0


def interval_95(samples: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of samples."""
    low, high = np.quantile(samples, [0.025, 0.975])
    return float(low), float(high)


def two_sided_p(samples: np.ndarray) -> float:
    """Twice the smaller share of draws on one side of 0, zeros on both: 2 (r + 1) / (draws + 1), at most 1."""
    beyond = min(np.count_nonzero(samples <= 0), np.count_nonzero(samples >= 0))
    return min(1.0, 2 * (beyond + 1) / (len(samples) + 1))


def _half_width(samples: np.ndarray) -> float:
    low, high = interval_95(samples)
    return (high - low) / 2

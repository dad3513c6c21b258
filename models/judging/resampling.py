"""How far chance moves scores and their differences: the choice of test images, and the seeds of the trainings.

Images are drawn with replacement, whole clips at a time. A few seeds drawn so would leave out most of what seeds do
(in simulations, intervals of 3 seeds held the truth 74 times in 100): their mean is moved by Student's t instead.
Statistics are float [k seeds, n images, s], as their measure wants them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.judging.measures import Measure

LEAST_CLIPS = 3  # of fewer, nothing is known about another clip


@dataclass(frozen=True)
class Draws:
    """What chance did in every draw, the same for all arms: that makes their differences paired.

    `weights` float [draws, n]: how often each image counts. `image_scale` [draws]: widens for few clips.
    `seed_shift` [draws]: in standard errors of the mean over seeds; 0 for a single seed, of which nothing is known.
    """

    weights: np.ndarray
    image_scale: np.ndarray
    seed_shift: np.ndarray

    def only(self, is_kept: np.ndarray) -> "Draws":
        """Those of the draws [draws] that are kept."""
        return Draws(self.weights[is_kept], self.image_scale[is_kept], self.seed_shift[is_kept])


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

    `common_error`: a standard error that the mean has beside that of its seeds. Draws in which a figure is not defined
    (NaN: no image of a class was drawn) are left out.
    """
    is_defined = np.isfinite(drawn).all(axis=1)
    if not is_defined.all():
        drawn, draws = drawn[is_defined], draws.only(is_defined)
    value = float(by_seed.mean())
    images = draws.image_scale * (drawn.mean(axis=1) - value)
    seeds = draws.seed_shift * np.hypot(_standard_error(by_seed), common_error)
    samples = value + images + seeds
    return Estimate(
        value=value,
        interval=interval_95(samples),
        image_half_width=_half_width(images),
        seed_half_width=_half_width(seeds),
        common_half_width=_half_width(draws.seed_shift) * common_error,
        p_value=two_sided_p(samples),
    )


def estimate_score(measure: Measure, statistics: np.ndarray, draws: Draws) -> Estimate:
    """The score of one arm, its interval within the measure's bounds."""
    result = estimate(measure.by_seed(statistics), measure.drawn(statistics, draws.weights), draws)
    return replace(result, interval=measure.limit(result.interval))


def estimate_difference(
    measure: Measure, statistics: np.ndarray, baseline: np.ndarray, draws: Draws
) -> Estimate:
    """The score of one arm minus that of another, seed by seed on the same draws of images."""
    by_seed = measure.by_seed(statistics) - measure.by_seed(baseline)
    drawn = measure.drawn(statistics, draws.weights) - measure.drawn(baseline, draws.weights)
    return estimate(by_seed, drawn, draws)


def estimate_unpaired_difference(
    measure: Measure, statistics: np.ndarray, baseline: np.ndarray, draws: Draws
) -> Estimate:
    """The same where the two arms' trainings have other seeds, which then move each mean by itself.

    `draws` are of the fewer seeds of the two.
    """
    base = measure.by_seed(baseline)
    drawn_base = measure.drawn(baseline, draws.weights).mean(axis=1, keepdims=True)
    return estimate(
        measure.by_seed(statistics) - base.mean(),
        measure.drawn(statistics, draws.weights) - drawn_base,
        draws,
        common_error=_standard_error(base),
    )


def estimate_score_over(measure: Measure, groups: Sequence[np.ndarray], draws: Draws) -> Estimate:
    """The score of an arm that was made anew for each group (a refiner's seed): a group's mean over its seeds is one
    sample."""
    if len(groups) == 1:
        return estimate_score(measure, groups[0], draws)
    result = estimate(_means_by_group(measure, groups), _drawn_by_group(measure, groups, draws), draws)
    return replace(result, interval=measure.limit(result.interval))


def estimate_difference_over(
    measure: Measure, groups: Sequence[np.ndarray], baselines: Sequence[np.ndarray], draws: Draws
) -> Estimate:
    """The same minus the score of the baseline, which has a group for each of the arm's groups, or a single one for all.

    The seeds of a single one move the differences of all groups alike.
    """
    if len(groups) == len(baselines) == 1:
        return estimate_difference(measure, groups[0], baselines[0], draws)
    singles = [measure.by_seed(side[0]) for side in (groups, baselines) if len(side) == 1]
    return estimate(
        _means_by_group(measure, groups) - _means_by_group(measure, baselines),
        _drawn_by_group(measure, groups, draws) - _drawn_by_group(measure, baselines, draws),
        draws,
        common_error=sum(_standard_error(by_seed) for by_seed in singles),
    )


def _means_by_group(measure: Measure, groups: Sequence[np.ndarray]) -> np.ndarray:
    """Scores [groups] over all images."""
    return np.array([measure.by_seed(statistics).mean() for statistics in groups])


def _drawn_by_group(measure: Measure, groups: Sequence[np.ndarray], draws: Draws) -> np.ndarray:
    """Scores [draws, groups] over drawn images."""
    return np.stack([measure.drawn(statistics, draws.weights).mean(axis=1) for statistics in groups], axis=1)


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

"""Measures by name: how good an arm is on a set of images, as a function of sums of what is counted in every image.

Sums are what makes resampling cheap: how often each image was drawn, times the images' statistics, gives the score of
a draw. Shapes: k seeds, n images, s statistics of an image (`sufficient_statistics.py` makes them), C classes.

Average precision is no such measure, for it ranks the detections of all images. Nor is FID, though its two moments are
sums: drawn with replacement a set of images is poorer than it was, and seems farther away. (Frechet distances of 500
standard normal vectors with 64 features to their own distribution, 0, came out as 2.2, of draws from them as 4.4: no
interval of 60 held the truth.) Take its value for each clip, generated and real, as the clip's statistic: `fid`.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Score = Callable[[np.ndarray], np.ndarray]  # sums [..., s] -> scores [...]; NaN where nothing defines one


@dataclass(frozen=True)
class Measure:
    """One figure of merit: its words, its score, and how it is written.

    `statistics_size` is s; None for three of each class, however many there are. `bounds`: what no score can leave.
    `short` stands in narrow tables.
    """

    name: str
    title: str
    score: Score
    statistics_size: int | None
    short: str
    is_higher_better: bool = True
    bounds: tuple[float, float] = (0.0, 1.0)
    decimals: int = 3

    @property
    def pattern(self) -> str:
        """For str.format, of a score."""
        return f"{{:.{self.decimals}f}}"

    @property
    def signed_pattern(self) -> str:
        """For str.format, of a difference."""
        return f"{{:+.{self.decimals}f}}"

    @property
    def is_share(self) -> bool:
        return self.bounds == (0.0, 1.0)

    def by_seed(self, statistics: np.ndarray) -> np.ndarray:
        """Scores [k] over all images of statistics [k, n, s]; ValueError for statistics of another measure."""
        self._check(statistics)
        return self.score(statistics.sum(axis=1))

    def drawn(self, statistics: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Scores [draws, k] of statistics [k, n, s] where `weights` [draws, n] says how often each image counts."""
        self._check(statistics)
        num_seeds, num_images, size = statistics.shape
        # One product for all seeds: reading the weights is what it costs.
        columns = statistics.transpose(1, 0, 2).reshape(num_images, num_seeds * size)
        return self.score((weights @ columns).reshape(len(weights), num_seeds, size))

    def gain(self, difference: float) -> float:
        """Above 0 where a difference of scores is an improvement."""
        return difference if self.is_higher_better else -difference

    def limit(self, interval: tuple[float, float]) -> tuple[float, float]:
        """The part of an interval of scores that scores can have."""
        low, high = np.clip(interval, *self.bounds)
        return float(low), float(high)

    def record(self) -> dict[str, str]:
        """For JSON."""
        return {"name": self.name, "title": self.title}

    def _check(self, statistics: np.ndarray) -> None:
        size = statistics.shape[-1]
        is_right = size % 3 == 0 if self.statistics_size is None else size == self.statistics_size
        if statistics.ndim != 3 or not is_right:
            wanted = "three for each class" if self.statistics_size is None else self.statistics_size
            raise ValueError(
                f"{self.title} needs statistics [seeds, images, {wanted}], but they were {list(statistics.shape)}"
            )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _precision(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / np.maximum(sums[..., 1], 1)


def _recall(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / np.maximum(sums[..., 2], 1)


def _f1(sums: np.ndarray) -> np.ndarray:
    """0 where nothing is there and nothing was found."""
    return 2 * sums[..., 0] / np.maximum(sums[..., 1] + sums[..., 2], 1)


def _classes(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right, annotated and predicted pixels [..., C] each."""
    right, annotated, predicted = np.split(sums, 3, axis=-1)
    return right, annotated, predicted


def _mean_of_defined(shares: np.ndarray) -> np.ndarray:
    is_defined = ~np.isnan(shares)
    return _share(np.where(is_defined, shares, 0.0).sum(axis=-1), is_defined.sum(axis=-1))


def _ious(sums: np.ndarray) -> np.ndarray:
    """n_ii / (t_i + sum_j n_ji - n_ii), [..., C]."""
    right, annotated, predicted = _classes(sums)
    return _share(right, annotated + predicted - right)


def _pixel_accuracy(sums: np.ndarray) -> np.ndarray:
    right, annotated, _ = _classes(sums)
    return _share(right.sum(axis=-1), annotated.sum(axis=-1))


def _class_accuracy(sums: np.ndarray) -> np.ndarray:
    right, annotated, _ = _classes(sums)
    return _mean_of_defined(_share(right, annotated))


def _mean_iou(sums: np.ndarray) -> np.ndarray:
    return _mean_of_defined(_ious(sums))


def _frequency_weighted_iou(sums: np.ndarray) -> np.ndarray:
    _, annotated, _ = _classes(sums)
    ious = np.where(annotated > 0, _ious(sums), 0.0)
    return _share((annotated * ious).sum(axis=-1), annotated.sum(axis=-1))


def _class_iou(index: int, sums: np.ndarray) -> np.ndarray:
    ious = _ious(sums)
    if index >= ious.shape[-1]:
        raise ValueError(
            f"there is no class {index} of {ious.shape[-1]}, which are counted from 0; name one of them"
        )
    return ious[..., index]


def _mean(sums: np.ndarray) -> np.ndarray:
    return _share(sums[..., 0], sums[..., 1])


def _pooled_psnr(sums: np.ndarray) -> np.ndarray:
    """In dB: of the mean squared error of all images together, which is in squares of the peak; infinite for none."""
    with np.errstate(divide="ignore"):
        return -10 * np.log10(_mean(sums))


F1 = Measure("f1", "F1", _f1, 3, "F1")
_FROM_0, _ANY = (0.0, np.inf), (-np.inf, np.inf)
_PSNR = Measure("psnr", "PSNR", _mean, 2, "PSNR", bounds=_ANY, decimals=2)  # dB, the mean of the images' own
_MEASURES = (
    Measure("precision", "Precision", _precision, 3, "P"),
    Measure("recall", "Recall", _recall, 3, "R"),
    F1,
    # Long et al. 2015, section 5. A class that is neither annotated nor predicted is left out of the means; one that is
    # predicted where it is nowhere annotated has an IoU of 0 and no accuracy.
    Measure("pixel_accuracy", "Pixel accuracy", _pixel_accuracy, None, "PA"),
    Measure("class_accuracy", "Class accuracy", _class_accuracy, None, "CA"),
    Measure("mean_iou", "mIoU", _mean_iou, None, "mIoU"),
    Measure("frequency_weighted_iou", "FWIoU", _frequency_weighted_iou, None, "FWIoU"),
    _PSNR,
    replace(_PSNR, name="pooled_psnr", title="Pooled PSNR", score=_pooled_psnr, short="PSNR (pooled)"),
    # Of a value an image, or a clip where only so many images together have one.
    Measure("mean", "Mean", _mean, 2, "Mean", bounds=_ANY),
    Measure("mean_error", "Mean error", _mean, 2, "Error", is_higher_better=False, bounds=_ANY),
    Measure("fid", "FID", _mean, 2, "FID", is_higher_better=False, bounds=_FROM_0, decimals=2),
    Measure("kid", "KID", _mean, 2, "KID", is_higher_better=False, bounds=_ANY, decimals=4),
)
MEASURES = {measure.name: measure for measure in _MEASURES}
_CLASS_IOU = "class_iou:"


@functools.cache
def find_measure(name: str) -> Measure:
    """The measure of this name; "class_iou:3" is the IoU of class 3 alone. ValueError for an unknown name."""
    if name in MEASURES:
        return MEASURES[name]
    index = name.removeprefix(_CLASS_IOU)
    if name.startswith(_CLASS_IOU) and index.isdecimal():
        title = f"IoU of class {int(index)}"
        return Measure(name, title, functools.partial(_class_iou, int(index)), None, title)
    raise ValueError(
        f"there is no measure {name!r}; there are {', '.join(MEASURES)}, and {_CLASS_IOU}N for class N alone"
    )


def read_measure(record: dict[str, Any] | None) -> Measure:
    """From a `record`, whose title may be a pipeline's own ("IoU of person"); F1 for what is older than records."""
    if record is None:
        return F1
    found = find_measure(record["name"])
    title = record["title"]
    return found if title == found.title else replace(found, title=title, short=title)

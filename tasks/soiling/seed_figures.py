"""What Uricar et al. report (Let's get dirty, WACV 2021, sections 4.1 and 4.3), beside which ours are shown."""

from typing import Any

from tasks.report.blocks import Table, interval, number

# Accuracy in per cent on 2,000 real images; with M = ResNet50 + FCN8, trained on 8,000. None of the baseline is reported.
ACCURACY_BY_ARM = {"real": 73.95, "augmented": 78.20, "dirty_gan": 91.71}
# Mean IoU in per cent of DeepLabv3+ on WoodScape by (trained on, tested on); "only 4 %" below on clean images.
MEAN_IOU = {("clean", "clean"): 56.6, ("clean", "soiled"): 34.8, ("soiled", "clean"): 52.6}


def accuracy_table(evaluation: dict[str, Any]) -> Table:
    """Arms by pixel accuracy, as the seed's experiment 4.1, and by mean IoU with its interval."""
    rows = [
        (
            score["arm"],
            number(_percent(score["pixel_accuracy"]), "{:.2f}"),
            number(ACCURACY_BY_ARM.get(score["arm"]), "{:.2f}"),
            f"{number(score['mean_iou'])} {interval(score['interval'])}",
        )
        for score in evaluation["scores"]
    ]
    header = ("Trained on", "Accuracy, %", "Accuracy reported, %", "Mean IoU of the levels")
    return Table("", header, tuple(rows), strong=frozenset((1,)))


def degradation_table(evaluations: dict[str, dict[str, Any]]) -> Table:
    """Mean IoU of scenes by what a segmenter was trained on; `evaluations` by the test, clean or soiled."""
    scores = {
        (score["arm"], test): score
        for test, evaluation in evaluations.items()
        for score in evaluation["scores"]
    }
    rows = [
        (
            arm,
            test,
            f"{number(_percent(score['mean_iou']), '{:.1f}')} {_percents(score['interval'])}",
            number(MEAN_IOU.get((arm, test)), "{:.1f}"),
        )
        for (arm, test), score in scores.items()
    ]
    return Table("", ("Trained on", "Tested on", "Mean IoU, %", "Mean IoU reported, %"), tuple(rows))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _percents(bounds: list[float] | None) -> str:
    return interval(None if bounds is None else (100 * bounds[0], 100 * bounds[1]), "{:.1f}")

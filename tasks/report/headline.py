"""The result of a run in plain words: one sentence for every arm against the baseline, with its interval."""

from dataclasses import dataclass
from typing import Any


def headline(content: dict[str, Any]) -> list[str]:
    """Of a report's content; the arm that adds to the baseline, for which the run was made, comes first."""
    evaluation = content["evaluation"]
    comparisons = sorted(evaluation["comparisons"], key=lambda item: not _adds_to_baseline(item))
    size = Size(evaluation["num_images"], evaluation["num_seeds"], len(evaluation["comparisons"]))
    return [say(item, size) for item in comparisons]


@dataclass(frozen=True)
class Size:
    """How much stands behind a comparison, and among how many it is one; `num_refiners`: seeds of the
    refiner."""

    num_images: int
    num_seeds: int
    num_comparisons: int
    num_refiners: int = 1

    def __str__(self) -> str:
        refiners = f"{self.num_refiners} refiners of different seeds, " if self.num_refiners > 1 else ""
        return f"{refiners}{_count(self.num_seeds, 'seed')}, {_count(self.num_images, 'image')}"


def _adds_to_baseline(item: dict[str, Any]) -> bool:
    return item["arm"].startswith(f"{item['baseline']} + ")


def say(item: dict[str, Any], size: Size) -> str:
    """One comparison in a sentence: difference, interval, and what may be concluded."""
    arm, baseline, difference = item["arm"], item["baseline"], item["difference"]
    if item["interval"] is None:
        return (
            f"{arm} against {baseline}: F1 differs by {difference:+.3f} ({size}), "
            "but a single test image gives no interval: cannot tell."
        )
    low, high = item["interval"]
    if item["verdict"] == "helps":
        return f"{arm} beats {baseline} by {difference:.3f} F1 [{low:.3f}, {high:.3f}], {size}."
    if item["verdict"] == "hurts":
        return f"{arm} is worse than {baseline} by {-difference:.3f} F1 [{-high:.3f}, {-low:.3f}], {size}."
    return (
        f"{arm} against {baseline}: F1 {difference:+.3f} [{low:+.3f}, {high:+.3f}], cannot tell with {size}: "
        f"{_advice(item, size)}."
    )


def _advice(item: dict[str, Any], size: Size) -> str:
    """What would have to be added before so large a difference could be told."""
    if size.num_seeds < 2:
        return (
            "with one seed the interval covers the images only, and nothing is known about another training"
        )
    low, high = item["interval"]
    if low > 0 or high < 0:
        return f"it is one of {size.num_comparisons} comparisons, of which one may look so by chance"
    images, seeds = item["needed"]["num_images"], item["needed"]["num_seeds"]
    if images is not None and seeds is not None:
        return f"about {images} images would be needed, or about {seeds} seeds"
    if images is not None:
        return f"about {images} images would be needed"
    if seeds is not None:
        return f"the seeds limit it, more images alone will not do: about {seeds} seeds would be needed"
    if both := item["needed"]["both"]:
        return (
            "neither more images nor more seeds alone would do: about "
            f"{both[0]} images and {both[1]} seeds would be needed"
        )
    return "no difference is seen, or one so small that no number of images and seeds can be named"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)

"""The result of a run in plain words: one sentence for every arm against the baseline, with its interval."""

from typing import Any

from models.judging.comparisons import Judgement, read_judgement
from models.judging.measures import Measure
from models.judging.resampling import LEAST_CLIPS
from models.judging.verdicts import Amount, Needed, Size, count
from tasks.report.blocks import interval

MOST_SAID = 8  # comparisons that are each said in a sentence; of more only those that are told, and the clearest other


def headline(content: dict[str, Any]) -> list[str]:
    """Of a report's content; the arm that adds to the baseline, for which the run was made, comes first."""
    comparisons = list(map(read_judgement, content["evaluation"]["comparisons"]))
    comparisons.sort(key=lambda item: not _adds_to_baseline(item))
    if len(comparisons) <= MOST_SAID:
        return list(map(say, comparisons))
    told = [item for item in comparisons if item.verdict != "cannot tell"]
    untold = [item for item in comparisons if item.verdict == "cannot tell"]
    return [*map(say, told), *_summary(untold, len(comparisons))]


def _summary(untold: list[Judgement], count: int) -> list[str]:
    if not untold:
        return []
    how_many = "none" if len(untold) == count else f"{count - len(untold)}"
    clearest = min(untold, key=lambda item: 1.0 if item.unadjusted_p is None else item.unadjusted_p)
    return [f"Of {count} comparisons {how_many} can be told. The clearest of the others: {say(clearest)}"]


def _adds_to_baseline(item: Judgement) -> bool:
    return item.arm.startswith(f"{item.baseline} + ")


def say(item: Judgement) -> str:
    """One comparison in a sentence: difference, interval, and what may be concluded."""
    measure, against = item.measure, f"{item.arm} against {item.baseline}"
    signed = measure.signed_pattern
    if item.interval is None:
        return (
            f"{against}: {_title(measure)} differs by {signed.format(item.difference)} ({item.size}), "
            f"but a single {'test image' if item.size.num_images == 1 else 'clip'} gives no interval: cannot tell."
        )
    if item.verdict != "cannot tell":
        outcome = "beats" if item.verdict == "helps" else "is worse than"
        return f"{item.arm} {outcome} {item.baseline} by {_amount(item)}, {item.size}."
    return (
        f"{against}: {_title(measure)} {signed.format(item.difference)} {interval(item.interval, signed)}, cannot tell "
        f"with {item.size}: {'; '.join(_lacking(item.size)) or _advice(item)}."
    )


def _title(measure: Measure) -> str:
    """Beside a difference, whose sign says nothing to who does not know the measure."""
    return measure.title if measure.is_higher_better else f"{measure.title} (smaller is better)"


def _amount(item: Judgement) -> str:
    """Of a difference that is told: its size without a sign, with the interval turned the same way."""
    assert item.interval is not None
    ends = item.interval if item.difference > 0 else (-item.interval[1], -item.interval[0])
    pattern = item.measure.pattern
    return f"{pattern.format(abs(item.difference))} {item.measure.title} {interval(ends, pattern)}"


def _lacking(size: Size) -> list[str]:
    """Why nothing could be told whatever the figures were."""
    found = []
    if size.are_trainings and size.num_seeds < 2:
        found.append(
            "each refiner has one detector, and nothing is known about another training of it"
            if size.num_refiners > 1
            else "with one seed the interval covers the images only, and nothing is known about another training"
        )
    if size.num_clips < LEAST_CLIPS:
        found.append(
            f"{count(size.num_clips, 'clip')} may differ from any other day or scene: images of at least "
            f"{LEAST_CLIPS} clips are needed"
        )
    return found


def _advice(item: Judgement) -> str:
    """What would have to be added before so large a difference could be told."""
    assert item.interval is not None and item.needed is not None
    low, high = item.interval
    if low > 0 or high < 0:
        return f"it is one of {item.size.num_comparisons} comparisons, of which one may look so by chance"
    return _say_needed(item.needed, item.size)


def _say_needed(needed: Needed, size: Size) -> str:
    trainings = "seeds" if size.num_refiners == 1 else "refiners"
    images, number = needed.images, needed.num_trainings
    if images is not None:
        others = "" if number is None else f", or about {number} {trainings}"
        return f"about {_say_amount(images, size)} would be needed{others}"
    if number is not None:
        return f"the {trainings} limit it, more images alone will not do: about {number} {trainings} would be needed"
    if needed.all is not None:
        images, number, detectors = needed.all
        more = (
            f"{number} seeds"
            if size.num_refiners == 1
            else f"{number} refiners with {detectors} detectors each"
        )
        return (
            f"neither more images nor more {trainings} alone would do: about {_say_amount(images, size)} "
            f"and {more} would be needed"
        )
    what = f"images and {trainings}" if size.are_trainings else "images"
    return f"no difference is seen, or one so small that no number of {what} can be named"


def _say_amount(amount: Amount, size: Size) -> str:
    if size.num_clips == size.num_images:
        return f"{amount.num_images:,} images"
    return f"{amount.num_images:,} images, in {amount.num_clips:,} clips instead of {size.num_clips},"

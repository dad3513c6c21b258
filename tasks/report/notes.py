"""What a reader must know before believing a report's or a sweep's figures, in words."""

from collections.abc import Sequence
from typing import Any

from models.judging.measures import Measure
from models.judging.resampling import LEAST_CLIPS
from tasks.datasets.leaks import describe_cut_clips
from tasks.scoring.records import main_measure, validation_key

_LEAST_BELIEVABLE = {"f1": 0.25}  # below it detectors differ by chance more than by their training images
_FEW_CLIPS = 10
_NAMED_LEAKS = 5


def warnings(content: dict[str, Any]) -> list[str]:
    """What a reader must know before believing the figures."""
    notes, measure = [], main_measure(content["evaluation"])
    if content["evaluation"]["num_seeds"] < 2:
        how_far = " by several hundredths" if measure.is_share else ""
        notes.append(
            "One seed an arm: no interval over seeds exists, and the intervals hold the choice of test images only. "
            f"Trained again with another seed, {measure.title} may well move{how_far}, so that nothing is concluded. "
            "Set training.detector_seeds to 3 or more."
        )
    if said := say_unbelievable(content["evaluation"]["scores"], measure):
        notes.append(said)
    if content["config"]["is_sample_site"]:
        notes.append(
            'This is the sample site, a rendered stand-in: its "real" photos are rendered too. The figures show that '
            "the pipeline works and say nothing about a real camera."
        )
    if not content["config"]["has_test"]:
        notes.append(
            "There is no R_test: the figures below are from R_val, on which checkpoint and threshold were chosen. "
            "They flatter the detectors."
        )
    notes += say_leaks([content["leaks"]])
    if said := say_clips(content["evaluation"]["num_clips"]):
        notes.append(said)
    return notes


def say_unbelievable(scores: Sequence[dict[str, Any]], measure: Measure) -> str | None:
    """That even the best training learned nothing, if that can be known of the measure."""
    if measure.name not in _LEAST_BELIEVABLE or not scores:
        return None
    best = max(score[validation_key(measure)] for score in scores)
    if best >= _LEAST_BELIEVABLE[measure.name]:
        return None
    return (
        f"Even the best detector reaches an {measure.title} of {best:.2f} on R_val only: none has learned its task. Train "
        "longer (detector.steps), or give more images, before reading any difference."
    )


def say_clips(num_clips: int) -> str | None:
    """What so few clips do to intervals and verdicts; None where there are enough."""
    if num_clips < LEAST_CLIPS:
        return (
            f"The images scored are of {num_clips} clip(s), so single images were resampled; frames of one clip resemble "
            "each other and the intervals are too narrow. No verdict is given: images of more clips (days, scenes) are "
            "needed. Single photos that only have names like frames' are clips of their own with real_images.clip_pattern "
            "^(.*)$."
        )
    if num_clips < _FEW_CLIPS:
        return f"The images scored are of {num_clips} clips only: intervals from so few are wide."
    return None


def say_leaks(found: Sequence[dict[str, list[str]]]) -> list[str]:
    """Of every `leaks.json` once: which pairs look like copies, which clips are cut, and the mends; what was left out."""
    pairs, cut = (
        list(dict.fromkeys(text for item in found for text in item[name])) for name in ("pairs", "cut_clips")
    )
    notes = []
    if pairs:
        notes.append(
            f"{len(pairs)} pair(s) of images of different splits look like copies, and a test that is answered by memory "
            f"flatters the detectors: {'; '.join(pairs[:_NAMED_LEAKS])}. Remove one of each pair, or put whole clips into "
            "one split."
        )
    if cut:
        notes.append(f"{describe_cut_clips(cut)}.")
    left_out = dict.fromkeys(text for item in found for text in item["left_out"])
    return notes + [f"Of the real images {text}." for text in left_out]

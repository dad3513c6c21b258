"""What a reader must know before believing the figures of segmenters, in words."""

from typing import Any

from models.judging.resampling import LEAST_CLIPS

_NAMED = 5
_FEW_SEQUENCES = 10


def warnings(content: dict[str, Any]) -> list[str]:
    """What a reader must know before believing the figures."""
    notes, evaluation = [], content["evaluation"]
    if evaluation["num_seeds"] < 2:
        notes.append(
            "One seed an arm: the intervals hold the choice of test images only. Trained again with another seed, the mean "
            "IoU may well move by several hundredths, so that nothing is concluded. Set training.seeds to 3 or more."
        )
    if content["config"]["is_stand_in"]:
        notes.append(
            "This is the sample street, a rendered stand-in: the figures show that the pipeline works and say nothing about "
            "a real camera."
        )
    if said := say_sequences(evaluation["num_clips"]):
        notes.append(said)
    return notes + leak_notes(content["leaks"])


def say_sequences(count: int) -> str | None:
    """What so few sequences do to intervals and verdicts; None where there are enough."""
    if count < LEAST_CLIPS:
        return (
            f"The images scored are of {count} sequence(s), so single images were resampled; frames of one drive resemble "
            "each other and the intervals are too narrow. No verdict is given: images of more sequences are needed "
            "(label_maps.sequence_pattern says what names of one have in common)."
        )
    return (
        f"The images scored are of {count} sequences only: intervals from so few are wide."
        if count < _FEW_SEQUENCES
        else None
    )


def leak_notes(leaks: dict[str, list[str]]) -> list[str]:
    """What would let a network answer the test by memory."""
    mend = "put whole sequences into one split (label_maps.split: sequence)"
    notes = []
    if leaks["cut_sequences"]:
        said = "; ".join(leaks["cut_sequences"][:_NAMED])
        notes.append(
            f"{len(leaks['cut_sequences'])} sequence(s) have images in several splits: {said}; {mend}."
        )
    if leaks["pairs"]:
        said = "; ".join(leaks["pairs"][:_NAMED])
        notes.append(
            f"{len(leaks['pairs'])} pair(s) of images of different splits look like copies: {said}; {mend}."
        )
    return notes

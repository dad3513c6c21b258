"""Finds what would let a network answer the test by memory: copies of images, and sequences, in several splits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tasks.datasets.leaks import Leak

_NAMED = 5
_MEND = (
    "a test that is answered by memory flatters the networks: put whole sequences into one split "
    "(label_maps.split: sequence)"
)


class Place(NamedTuple):
    """Where one image is: of which drive, as which camera saw it, and in which split."""

    camera: str
    sequence: str
    split: str


def cut_sequences(places: Iterable[Place]) -> list[str]:
    """A sentence for each sequence that is in several splits; images of no known sequence do not count."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for place in places:
        if place.sequence:
            counts.setdefault((place.camera, place.sequence), Counter())[place.split] += 1
    return [
        f"{name!r} in " + " and ".join(f"{split} ({count})" for split, count in found.items())
        for (_, name), found in counts.items()
        if len(found) > 1
    ]


def leak_lines(cut: Sequence[str], copies: Sequence[Leak]) -> list[str]:
    """One line about cut sequences and one about images that look like copies, where there are some."""
    lines = []
    if cut:
        lines.append(f"{len(cut)} sequence(s) have images in several splits: {_first(cut)}; {_MEND}")
    if copies:
        said = _first([leak.sentence() for leak in copies])
        lines.append(
            f"images of different splits look like copies: {said}; {_MEND}, or remove one of each pair"
        )
    return lines


def _first(said: Sequence[str]) -> str:
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return f"{'; '.join(said[:_NAMED])}{more}"

"""Finds what would let a network answer the test by memory: copies of images, and sequences, in several splits."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tasks.datasets.leaks import Leak, read_leaks
from tasks.label_maps.annotated import LabelledImage

_NAMED = 5
_MEND = (
    "a test that is answered by memory flatters the networks: put whole sequences into one split "
    "(label_maps.split: sequence)"
)


def find_leak_lines(images: Sequence[LabelledImage], splits: Mapping[str, str]) -> list[str]:
    """One line about sequences in several splits and one about images that look like copies, where there are some."""
    cut, copies = cut_sequences(images, splits), []
    if len(set(splits.values())) > 1:
        copies = read_leaks((image.image, splits[image.name]) for image in images)
    return [*([_cut_line(cut)] if cut else []), *([_copies_line(copies)] if copies else [])]


def cut_sequences(
    images: Sequence[LabelledImage], splits: Mapping[str, str]
) -> dict[tuple[str, str], Counter[str]]:
    """By camera and sequence, how many images are in each split, of those that are in several."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for image in images:
        if image.sequence:
            counts.setdefault((image.camera, image.sequence), Counter())[splits[image.name]] += 1
    return {key: found for key, found in counts.items() if len(found) > 1}


def _cut_line(cut: Mapping[tuple[str, str], Counter[str]]) -> str:
    said = [
        f"{name!r} in " + " and ".join(f"{split} ({count})" for split, count in found.items())
        for (_, name), found in cut.items()
    ]
    return f"{len(cut)} sequence(s) have images in several splits: {_first(said)}; {_MEND}"


def _copies_line(leaks: Sequence[Leak]) -> str:
    said = [leak.sentence() for leak in leaks]
    return f"images of different splits look like copies: {_first(said)}; {_MEND}, or remove one of each pair"


def _first(said: Sequence[str]) -> str:
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return f"{'; '.join(said[:_NAMED])}{more}"

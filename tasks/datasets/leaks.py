"""Finds what would let a detector answer the test by memory: images of different splits that look like copies of each
other, by a perceptual hash, and clips that are in several splits.

Frames of a fixed camera share their background, so that a coarse hash calls them all alike. This one is fine (difference
hash, 32 x 32 bits): on the sample site copies that were compressed again, halved in size, brightened or made noisy differ
in at most 41 of 1024 bits, other photos of the same clip in at least 63 and those of other clips in at least 134. A copy
that was cropped or turned is not found.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tasks.datasets.annotations import AnnotatedImage
from tasks.images.files import read_image

SIDE = 32
NUM_BITS = SIDE * SIDE
MOST_BITS_OF_COPIES = 52
_MARGIN_GREY = 2  # smaller steps are noise: flat regions would give random bits
_NAMED = 5


@dataclass(frozen=True)
class HashedImage:
    """One image's name, split and difference hash bool [1024]."""

    name: str
    split: str
    bits: np.ndarray


@dataclass(frozen=True)
class Leak:
    """Two images of different splits whose hashes differ in `num_bits` only."""

    name: str
    split: str
    other_name: str
    other_split: str
    num_bits: int

    def sentence(self) -> str:
        return (
            f"{self.name} ({self.split}) and {self.other_name} ({self.other_split}) "
            f"differ in {self.num_bits} of {NUM_BITS} bits"
        )


@dataclass(frozen=True)
class CutClip:
    """A clip with images in several splits: how many in each."""

    name: str
    num_images: dict[str, int]

    def sentence(self) -> str:
        return f"{self.name!r} in " + " and ".join(
            f"{split} ({count})" for split, count in self.num_images.items()
        )


def difference_hash(image: np.ndarray) -> np.ndarray:
    """bool [1024] of uint8 [h, w, 3]: whether each cell of a 32 x 33 grid is clearly brighter than its left neighbour."""
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    cells = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(int)
    return (cells[:, 1:] > cells[:, :-1] + _MARGIN_GREY).ravel()


def find_leaks(images: Sequence[HashedImage]) -> list[Leak]:
    """All pairs of different splits that differ in at most 52 bits, the most alike first."""
    bits = np.array([image.bits for image in images], np.float32).reshape(-1, NUM_BITS)
    differing = bits @ (1 - bits).T + (1 - bits) @ bits.T
    leaks = [
        Leak(
            images[first].name,
            images[first].split,
            images[second].name,
            images[second].split,
            int(differing[first, second]),
        )
        for first, second in np.argwhere(np.triu(differing <= MOST_BITS_OF_COPIES, k=1))
        if images[first].split != images[second].split
    ]
    return sorted(leaks, key=lambda leak: leak.num_bits)


def read_leaks(images: Iterable[tuple[Path, str]]) -> list[Leak]:
    """The leaks among image files, each given with its split."""
    return find_leaks(
        [HashedImage(path.name, split, difference_hash(read_image(path))) for path, split in images]
    )


def find_cut_clips(images: Iterable[tuple[AnnotatedImage, str]]) -> list[CutClip]:
    """Of images with their splits; one clip is what one camera saw."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for image, split in images:
        counts.setdefault((image.camera, image.clip), Counter())[split] += 1
    return [CutClip(clip, dict(found)) for (_, clip), found in counts.items() if len(found) > 1]


def describe_cut_clips(sentences: Sequence[str]) -> str:
    """One line of a sentence a clip, with the mend."""
    more = f", and {len(sentences) - _NAMED} more" if len(sentences) > _NAMED else ""
    return (
        f"{len(sentences)} clip(s) have images in several splits: {', '.join(sentences[:_NAMED])}{more}. Frames of one clip "
        "show the same people in the same light, and a test that is answered by memory flatters the detectors: put whole "
        "clips into one split (real_images.split: clip). Single photos that only have names like frames' are clips of "
        "their own with real_images.clip_pattern ^(.*)$"
    )


def describe_leaks(leaks: Sequence[Leak]) -> str:
    """One line that names the pairs most alike, and the mend."""
    more = f"; and {len(leaks) - _NAMED} more pairs" if len(leaks) > _NAMED else ""
    pairs = "; ".join(leak.sentence() for leak in leaks[:_NAMED])
    return (
        f"images of different splits look like copies: {pairs}{more}. A test that is answered by memory flatters the "
        "detectors: remove one of each pair, or put whole clips into one split (real_images.split: clip)"
    )

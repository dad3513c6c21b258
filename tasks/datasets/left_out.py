"""Boxes that others annotated and that are not read: of other categories than heads and persons, or without area."""

from collections import Counter
from collections.abc import Iterable

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import AnnotatedImage

_NAMED = 10


def describe_left_out(images: Iterable[AnnotatedImage]) -> str | None:
    """How many there are of each category, in one line; None where there are none."""
    counts = Counter(name for image in images for name in image.left_out)
    if not counts:
        return None
    what = ", ".join(f"{shown(name)[1:-1]} {count}" for name, count in counts.most_common(_NAMED))
    more = f" and {len(counts) - _NAMED} categories more" if len(counts) > _NAMED else ""
    return f"{counts.total()} annotated boxes are left out, as they are no heads and persons: {what}{more}"

"""Goes through the photos that a person gives to a trained network; one that cannot be read costs its own line."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tasks.datasets.photo_folders import FoundPhotos, Photo, name_pictures, read_photos

# Of a photo and the name, without an ending, of the pictures that are made of it.
Answer = Callable[[Photo, str], None]


def require_place(to: Path, found: FoundPhotos, *, inside: Sequence[str] = ("",)) -> None:
    """ValueError where pictures in `to`, or in the folders `inside` it, would replace photos, or a file is there."""
    photos = found.photos[0].parent.resolve()
    for place in (to, *(to / name for name in inside)):
        if place.resolve() == photos:
            raise ValueError(
                f"--to is {to}, where the photos are, which drawings would replace; give another folder"
            )
        if place.exists() and not place.is_dir():
            raise ValueError(f"--to is {place}, which is a file; give a folder for the drawings")


def answer_photos(images: Path, found: FoundPhotos, answer: Answer) -> int:
    """The exit code: 1 where a photo of a folder cannot be read. ValueError where a single one cannot."""
    num_unread = 0
    for each, name in zip(read_photos(found.photos), name_pictures(found.photos), strict=True):
        if isinstance(each, Photo):
            answer(each, name)
            continue
        if not images.is_dir():
            raise each
        num_unread += 1
        print(f"error: {each}", file=sys.stderr, flush=True)
    _say_what_is_missing(found.left_out, num_unread, len(found.photos))
    return 1 if num_unread else 0


def _say_what_is_missing(left_out: list[str], num_unread: int, num_photos: int) -> None:
    for what in left_out:
        print(f"left out: {what}", file=sys.stderr)
    if num_unread:
        print(f"{num_unread} of {num_photos} photos could not be read", file=sys.stderr)

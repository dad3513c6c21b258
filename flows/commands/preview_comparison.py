"""`python -m flows preview --compare`: real people of the same camera beside rendered ones, in figures and as a sheet."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.commands.printed_tables import print_table
from tasks.datasets.annotations import AnnotatedImage
from tasks.detection.annotated_photos import find_annotated_photos
from tasks.images.files import encode_jpeg, read_image
from tasks.scenes.people_figures import TITLES, figure_ratios, say_difference
from tasks.scenes.people_sheet import SeenPerson, has_rotated_boxes, median_of, people_sheet, see_people
from tasks.scenes.previewing import PreviewScene


@dataclass(frozen=True)
class RealPeople:
    """Annotations in any layout, and the images' folder if that lies elsewhere."""

    annotations: Path
    images: Path | None


@dataclass(frozen=True, eq=False)
class RealSide:
    """The real people, measured before anything is rendered: mistakes come at once."""

    people: list[SeenPerson]
    is_rotated: bool


def measure_real(real: RealPeople) -> RealSide:
    """ValueError where annotations cannot be read or hold no person boxes."""
    photos = find_annotated_photos(real.annotations, real.images)
    for note in photos.notes:
        print(f"note: {note}", file=sys.stderr)
    is_rotated = has_rotated_boxes(photos.images)
    people = see_people(photos.images, photos.read, is_rotated=is_rotated, whose="real")
    return RealSide(people, is_rotated)


def compare_people(real: RealSide, scenes: Sequence[PreviewScene], out: Path) -> Path:
    """Print the figures of rendered people beside real ones, and write `people.jpg`; returns its path."""
    folders = {id(scene.image): scene.folder for scene in scenes}

    def read(image: AnnotatedImage):
        return read_image(folders[id(image)] / image.file_name)

    images = [scene.image for scene in scenes]
    rendered = see_people(images, read, is_rotated=real.is_rotated, whose="rendered")
    _print_figures(real.people, rendered)
    path = out / "people.jpg"
    path.write_bytes(encode_jpeg(people_sheet(real.people, rendered), quality=95))
    return path


def _print_figures(real: Sequence[SeenPerson], rendered: Sequence[SeenPerson]) -> None:
    theirs, ours = median_of(real), median_of(rendered)
    ratios = figure_ratios(theirs, ours)
    rows = [
        (title, f"{getattr(theirs, name):.1f}", f"{getattr(ours, name):.1f}", f"{ratios[name]:.2f}")
        for name, title in TITLES.items()
    ]
    print(f"medians of {len(real)} real and {len(rendered)} rendered people, in the middle of their boxes")
    print_table(("", "real", "rendered", "ratio"), rows, num_text=1)
    print(say_difference(theirs, ours))
    sizes = [person.pixels.shape[:2] for person in (real[0], rendered[0])]
    if sizes[0] != sizes[1]:
        words = " and ".join(f"{width} x {height}" for height, width in sizes)
        print(
            f"note: real and rendered images have {words} pixels; sharpness and length need one size",
            file=sys.stderr,
        )

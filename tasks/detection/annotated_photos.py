"""A user's annotated photos, read where they lie, in every layout that the import of real images reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tasks.datasets.annotations import TARGETS, AnnotatedImage, Target
from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.datasets.layouts.file_pairs import KIND_FOLDERS
from tasks.datasets.left_out import describe_left_out
from tasks.datasets.real_images import read_checked
from tasks.datasets.split_names import split_meant
from tasks.datasets.splits import RealImagesConfig, clip_of


@dataclass(frozen=True)
class AnnotatedPhotos:
    """Annotated images, of which `clip` is the scene, and their files by name; `notes` say what is left out."""

    images: list[AnnotatedImage]
    files: Mapping[str, Path]
    notes: tuple[str, ...]

    @property
    def scenes(self) -> list[str]:
        """Of every image."""
        return [image.clip for image in self.images]

    def read(self, image: AnnotatedImage) -> np.ndarray:
        """Its pixels uint8 [h, w, 3]; ValueError where it has another size than its annotations say."""
        return read_checked(image, self.files[image.file_name])


def find_annotated_photos(annotations: Path, images: Path | None) -> AnnotatedPhotos:
    """`images` None: they lie where the layout of the annotations has them. ValueError says what was found instead."""
    try:
        dataset = find_dataset(annotations, images)
    except ValueError as error:
        raise ValueError(_in_words_of_the_command(str(error))) from error
    config = RealImagesConfig(annotations=str(annotations))
    found = [replace(image, clip=scene_of(image, config)) for image in dataset.images]
    left_out = describe_left_out(found)
    notes = (*dataset.notes, *([left_out] if left_out else []))
    return AnnotatedPhotos(found, dataset.source.files, tuple(map(_in_words_of_the_command, notes)))


def scene_of(image: AnnotatedImage, config: RealImagesConfig) -> str:
    """The clip that its annotations name; else its folder, and the part of its name that the frames of a clip share.

    Folders that stand for a kind of file or a split say nothing of the scene.
    """
    if image.clip:
        return image.clip
    folders = [
        part
        for part in Path(image.file_name).parent.parts
        if part.lower() not in KIND_FOLDERS and not split_meant(part)
    ]
    return "/".join(filter(None, (*folders, clip_of(image, config))))


def choose_target(photos: AnnotatedPhotos, *, wanted: Target | None, known: Target | None) -> Target:
    """What is scored: what the user wants, what the detector is known to find, or the only kind that is annotated.

    ValueError where these say nothing, or against one another.
    """
    annotated: list[Target] = [
        target for target in TARGETS if any(image.boxes(target) for image in photos.images)
    ]
    if not annotated:
        raise ValueError(
            f"none of the {len(photos.images)} images has a box of a head or a person; annotate some"
        )
    if wanted and known and wanted != known:
        raise ValueError(f"--target is {wanted}, but the detector finds {known}s; leave --target out")
    target = wanted or known or (annotated[0] if len(annotated) == 1 else None)
    if target is None:
        raise ValueError(
            "both heads and persons are annotated, and the detector's file does not say which it finds; "
            "add --target person or --target head"
        )
    if target not in annotated:
        raise ValueError(
            f"{target}s are to be scored, but only {annotated[0]}s are annotated; annotate {target}s, or score a detector "
            f"of {annotated[0]}s"
        )
    return target


def _in_words_of_the_command(text: str) -> str:
    """Readers name the fields of a run file; here nobody has one."""
    return (
        text.replace("`real_images.annotations`", "ANNOTATIONS")
        .replace("real_images.annotations", "ANNOTATIONS")
        .replace("real_images.images", "IMAGES")
    )

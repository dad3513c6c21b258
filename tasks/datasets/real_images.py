"""Takes annotated real images into the store: reads users' annotations, checks them, and splits them without leaks."""

import fnmatch
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from blender_assets.both_sides.text_reading import shown
from blender_assets.site import Site, load_site
from tasks.artifacts.canonical import digest_file
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.datasets.annotations import AnnotatedImage, write_coco
from tasks.datasets.estimated_heads import with_estimated_heads
from tasks.datasets.layouts.annotation_forms import AnnotationSource, Form, read_annotations
from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.datasets.layouts.dataset_files import original_stem
from tasks.datasets.layouts.shared_annotations import Dataset
from tasks.datasets.leaks import describe_cut_clips, describe_leaks, find_cut_clips, read_leaks
from tasks.datasets.left_out import describe_left_out
from tasks.datasets.split_names import SPLITS, SplitName, split_meant
from tasks.images.files import read_image, write_png


class RealImagesConfig(BaseModel):
    """Where the annotated real images are and how they are split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # the folder or file that an annotation tool wrote: COCO, Pascal VOC, YOLO or CreateML
    annotations: str
    # folder of the images, in which the annotations' file names are looked for; leave it out where they lie with
    # the annotations
    images: str | None = None
    # given: each image's split in a COCO file, or by folders (train, valid, test) or a data.yaml; clip or camera:
    # whole ones, by shares; or file-name patterns for each split, of which test may have none
    split: Literal["given", "clip", "camera"] | dict[SplitName, list[str]] = "given"
    # of the images, for a split by clip or camera; without any for test the report says that there is no test set
    shares: dict[SplitName, float] = Field(default={"train": 0.5, "val": 0.2, "test": 0.3})
    clip_pattern: str = r"^(.*?)[_-]?\d+$"  # on the file name without suffix; its first group names the clip
    seed: int = 0  # another one puts other clips or cameras into each split
    # images of different splits that look like copies, and clips in several splits: warn tells of them, in the
    # terminal and the report; error refuses them
    leaks: Literal["warn", "error"] = "warn"

    @field_validator("clip_pattern")
    @classmethod
    def _has_a_group(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"clip_pattern is not a valid regular expression ({error})") from None
        if groups < 1:
            raise ValueError("clip_pattern needs a group that names the clip, e.g. ^(.*?)_[0-9]+$")
        return pattern

    @field_validator("shares")
    @classmethod
    def _train_and_val_have_shares(cls, shares: dict[SplitName, float]) -> dict[SplitName, float]:
        if min(shares.values(), default=0) < 0 or min(shares.get("train", 0), shares.get("val", 0)) <= 0:
            raise ValueError(
                "shares must be >= 0, and those of train and val > 0, e.g. {train: 0.5, val: 0.2, test: 0.3}"
            )
        return shares


class SplitConfig(BaseModel):
    """What decides the content of one split, beside the files themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str
    form: Form = "coco"
    file_names: tuple[str, ...]
    listed: dict[str, tuple[str, str]]  # each image's annotation file, and what the image is called in there
    nadirs_px: dict[str, tuple[float, float]]
    clips: dict[str, str]
    cameras: dict[str, str]


def plan_splits(
    config: RealImagesConfig, folder: Path, site_path: Path, *, warn: Callable[[str], None] | None = None
) -> list[tuple[SplitConfig, SourceFiles]]:
    """Every split with its files, checked. Relative places are relative to `folder`.

    Raises ValueError for unknown ids, boxes outside their image, unreadable images, an empty split, or one image in
    two splits. What else could be answered by memory is refused or given to `warn`, as the configuration says; what was
    left out is given to `warn`.
    """
    dataset = find_dataset(
        folder / config.annotations, None if config.images is None else folder / config.images
    )
    site, files = load_site(site_path), dataset.source.files
    images = [_with_camera(image, site) for image in _with_splits(dataset)]
    names = assign_splits(images, config)
    _check_not_empty(names, config, notes=dataset.notes)
    _check_images(images, files)
    _check_disjoint(names, files)
    if warn is not None:
        for line in filter(None, (*dataset.notes, describe_left_out(images))):
            warn(line)
    tell_leak = _refuse if config.leaks == "error" else warn
    if tell_leak is not None:
        named = [(replace(image, clip=_clip(image, config)), names[image.file_name]) for image in images]
        _tell_leaks(named, files, tell=tell_leak)
    planned = []
    for split in SPLITS:
        chosen = [image for image in images if names.get(image.file_name) == split]
        if not chosen:
            continue
        source = dataset.source.of_images([image.file_name for image in chosen])
        split_config = SplitConfig(
            split=split,
            form=source.form,
            file_names=tuple(sorted(source.listed)),
            listed=dict(source.listed),
            nadirs_px={image.file_name: _nadir(image, site) for image in chosen},
            clips={image.file_name: _clip(image, config) for image in chosen},
            cameras={image.file_name: image.camera for image in chosen},
        )
        planned.append((split_config, SourceFiles(dict(source.files))))
    return planned


def _with_camera(image: AnnotatedImage, site: Site) -> AnnotatedImage:
    """The image with the camera that its annotations say, or that one of its folders is called like."""
    folder = next((name for name in Path(image.file_name).parent.parts if name in site.cameras), "")
    return replace(image, camera=image.camera or folder)


def _with_splits(dataset: Dataset) -> list[AnnotatedImage]:
    """The images, with the split that the layout gives them where their annotations say none."""
    return [
        replace(image, extra={"split": dataset.splits[image.file_name]} | image.extra)
        if image.file_name in dataset.splits
        else image
        for image in dataset.images
    ]


def assign_splits(images: list[AnnotatedImage], config: RealImagesConfig) -> dict[str, str]:
    """Split of every file name. Images of one clip or camera stay together."""
    if isinstance(config.split, dict):
        return {image.file_name: _matching_split(image.file_name, config.split) for image in images}
    if config.split == "given":
        return {image.file_name: _given_split(image) for image in images}
    groups = [_group(image, config) for image in images]
    split_of_group = _share_out(Counter(groups), config)
    return {image.file_name: split_of_group[group] for image, group in zip(images, groups, strict=True)}


def _matching_split(name: str, patterns: Mapping[SplitName, list[str]]) -> str:
    """By the path of an image, or by its file name alone where no pattern fits the path."""
    tries = (_matching(text, patterns) for text in (name, Path(name).name))
    matches = next(filter(None, tries), [])
    if len(matches) != 1:
        found = f"the splits {matches}" if matches else "no split"
        raise ValueError(
            f"the image {name!r} matches {found}, but each image belongs to exactly one; "
            "mend the patterns in real_images.split"
        )
    return matches[0]


def _matching(text: str, patterns: Mapping[SplitName, list[str]]) -> list[SplitName]:
    return [split for split, globs in patterns.items() if any(fnmatch.fnmatch(text, glob) for glob in globs)]


def _given_split(image: AnnotatedImage) -> str:
    split = split_meant(image.extra.get("split"))
    if split is None:
        raise ValueError(
            f"the image {image.file_name!r} has the split {shown(image.extra.get('split'))} in the annotations, but train, "
            "val or test is needed; give each split a folder of its own or a list in data.yaml, add `split` to the images "
            "of the COCO file, or set real_images.split to clip, camera or file-name patterns"
        )
    return split


def _group(image: AnnotatedImage, config: RealImagesConfig) -> str:
    if config.split == "camera":
        if not image.camera:
            raise ValueError(
                f"the image {image.file_name!r} names no camera, but real_images.split is camera; "
                "put the images into a folder of each camera's name, add `camera` to the images of the COCO file, or split "
                "by clip"
            )
        return image.camera
    return _clip(image, config)


def _clip(image: AnnotatedImage, config: RealImagesConfig) -> str:
    """The clip that the annotations name, or the part of the file name that the frames of a clip share."""
    stem = original_stem(image.file_name)
    match = re.match(config.clip_pattern, stem)
    return image.clip or (match.group(1) if match else stem)


def _stored_name(file_name: str) -> str:
    return f"{Path(file_name).with_suffix('').as_posix().replace('/', '_')}.png"


def _share_out(groups: Counter[str], config: RealImagesConfig) -> dict[str, str]:
    """Whole groups to splits, largest first, each to the split that lacks most of its share."""
    shares = _shares(config)
    wanted = [split for split in SPLITS if split in shares]
    if len(groups) < len(wanted):
        names = shown(", ".join(sorted(groups)))[1:-1]
        raise ValueError(
            f"the {groups.total()} real images come from {len(groups)} {config.split}(s) ({names}), "
            f"but {len(wanted)} splits need at least {len(wanted)}: frames of one video must not be in two splits; "
            "add images of other clips, or name the files of each split in real_images.split"
        )
    order = np.random.default_rng(config.seed).permutation(sorted(groups)).tolist()
    order.sort(key=lambda group: -groups[group])
    filled: dict[str, int] = dict.fromkeys(wanted, 0)
    assignment: dict[str, str] = {}
    for group in order:
        split = max(
            wanted, key=lambda name: (filled[name] == 0, shares[name] * groups.total() - filled[name])
        )
        assignment[group] = split
        filled[split] += groups[group]
    return assignment


def _shares(config: RealImagesConfig) -> dict[str, float]:
    return {split: share for split, share in config.shares.items() if share > 0}


def _check_not_empty(names: dict[str, str], config: RealImagesConfig, *, notes: Iterable[str]) -> None:
    """`notes`: what was found and is not used, which may be why."""
    counts = Counter(names.values())
    named = config.split if isinstance(config.split, dict) else _shares(config)
    needed = {"train", "val"} | (set() if config.split == "given" else set(named))
    for split in sorted(needed):
        if counts[split] == 0:
            raise ValueError(
                f"the split {split!r} of the real images is empty ({dict(counts)}); "
                + "".join(f"{note}; " for note in notes)
                + "give it images or change real_images.split"
            )


def _check_images(images: list[AnnotatedImage], files: Mapping[str, Path]) -> None:
    stored: dict[str, str] = {}
    for image in images:
        other = stored.setdefault(_stored_name(image.file_name), image.file_name)
        if other != image.file_name:
            raise ValueError(
                f"the images {other!r} and {image.file_name!r} would have one name in the store; rename one of them"
            )
    for image in images:
        height, width = read_image(files[image.file_name]).shape[:2]
        if (width, height) != (image.width_px, image.height_px):
            raise ValueError(
                f"{files[image.file_name]} has {width} x {height} pixels, but its annotations say "
                f"{image.width_px} x {image.height_px}; boxes would be misplaced: annotate this size or resize the image"
            )


def _check_disjoint(names: dict[str, str], files: Mapping[str, Path]) -> None:
    seen: dict[str, tuple[str, str]] = {}
    for name, split in names.items():
        content = digest_file(files[name])
        other, other_split = seen.setdefault(content, (name, split))
        if other_split != split:
            raise ValueError(
                f"{name!r} ({split}) and {other!r} ({other_split}) are the same image in two splits; "
                "remove one, or a test would be answered by memory"
            )


def _tell_leaks(
    images: list[tuple[AnnotatedImage, str]], files: Mapping[str, Path], *, tell: Callable[[str], None]
) -> None:
    """Of images with their splits: one line about cut clips, one about copies; nothing where there are none."""
    if cut := find_cut_clips(images):
        tell(describe_cut_clips([clip.sentence() for clip in cut]))
    if leaks := read_leaks((files[image.file_name], split) for image, split in images):
        tell(describe_leaks(leaks))


def _refuse(what: str) -> None:
    raise ValueError(f"real_images.leaks is error, and {what}")


def _nadir(image: AnnotatedImage, site: Site) -> tuple[float, float]:
    camera = site.cameras.get(image.camera)
    if not image.camera and len(site.cameras) == 1:
        camera = next(iter(site.cameras.values()))
    if camera is None:
        raise ValueError(
            f"the real image {shown(image.file_name)} has the camera {shown(image.camera)}, but the site has "
            f"{shown(sorted(site.cameras))}; "
            "put the image into a folder of this name, or name it as `camera` of the image in the COCO file"
        )
    x, y = camera.camera(image.width_px, image.height_px).nadir_px()
    return float(x), float(y)


def read_split(config: SplitConfig, files: SourceFiles) -> list[AnnotatedImage]:
    """The annotated images of one split, as they were given."""
    return read_annotations(AnnotationSource(config.form, files.files, config.listed))


@step("real-images", libraries=("numpy", "pillow", "opencv-python-headless"))
def import_split(out: Path, config: SplitConfig, files: SourceFiles) -> None:
    """One split as PNGs and COCO, with the point below the camera for every image."""
    annotated = {image.file_name: image for image in read_split(config, files)}
    images = []
    for name in config.file_names:
        target = f"images/{_stored_name(name)}"
        write_png(out / target, read_image(files.files[name]))
        image = replace(
            annotated[name],
            file_name=target,
            nadir_px=config.nadirs_px[name],
            clip=config.clips[name],
            camera=config.cameras[name],
        )
        images.append(with_estimated_heads(image))
    write_coco(out / "annotations.json", images)

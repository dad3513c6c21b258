"""How annotated real images are split: whole clips or cameras by shares, by patterns, or as they were given."""

import fnmatch
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import AnnotatedImage
from tasks.datasets.layouts.dataset_files import original_stem
from tasks.datasets.split_names import SPLITS, SplitName, split_meant


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
    tries = (matching_splits(text, patterns) for text in (name, Path(name).name))
    matches = next(filter(None, tries), [])
    if len(matches) != 1:
        found = f"the splits {matches}" if matches else "no split"
        raise ValueError(
            f"the image {name!r} matches {found}, but each image belongs to exactly one; "
            "mend the patterns in real_images.split"
        )
    return matches[0]


def matching_splits(text: str, patterns: Mapping[SplitName, list[str]]) -> list[SplitName]:
    """The splits of which some file-name pattern fits."""
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
    return clip_of(image, config)


def clip_of(image: AnnotatedImage, config: RealImagesConfig) -> str:
    """The clip that the annotations name, or the part of the file name that the frames of a clip share."""
    stem = original_stem(image.file_name)
    match = re.match(config.clip_pattern, stem)
    return image.clip or (match.group(1) if match else stem)


def _share_out(groups: Counter[str], config: RealImagesConfig) -> dict[str, str]:
    shares = wanted_shares(config)
    if len(groups) < len(shares):
        names = shown(", ".join(sorted(groups)))[1:-1]
        raise ValueError(
            f"the {groups.total()} real images come from {len(groups)} {config.split}(s) ({names}), "
            f"but {len(shares)} splits need at least {len(shares)}: frames of one video must not be in two splits; "
            "add images of other clips, or name the files of each split in real_images.split"
        )
    return share_out(groups, shares, seed=config.seed)


def share_out(groups: Counter[str], shares: Mapping[str, float], *, seed: int) -> dict[str, str]:
    """Whole groups to splits, largest first, each to the split that lacks most of its share; `shares` are > 0."""
    wanted = [split for split in SPLITS if split in shares]
    order = np.random.default_rng(seed).permutation(sorted(groups)).tolist()
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


def wanted_shares(config: RealImagesConfig) -> dict[str, float]:
    """Of the splits that are to have images."""
    return {split: share for split, share in config.shares.items() if share > 0}

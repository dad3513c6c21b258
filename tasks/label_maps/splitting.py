"""How images with label maps are split: as their folders say, whole sequences or cities by shares, or by patterns."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.splits import matching_splits, share_out
from tasks.label_maps.annotated import LabelledDataset, LabelledImage
from tasks.label_maps.config import LabelMapsConfig

_MEND = "or name file-name patterns of each split as label_maps.split, e.g. {train: ['*']}"


def split_images(dataset: LabelledDataset, config: LabelMapsConfig) -> dict[str, str]:
    """The split of every image by its name; images of one sequence or city stay together.

    Images without maps of which no folder names a split are all for training. ValueError for an image without a split.
    """
    images = dataset.images
    if isinstance(config.split, dict):
        return {image.name: _by_pattern(image.name, config) for image in images}
    if config.split == "given":
        if not any(image.has_label or image.split for image in images):
            return {image.name: "train" for image in images}
        return {image.name: _given(image) for image in images}
    groups = [_group(image, config.split) for image in images]
    split_of = _share_out(groups, config)
    return {image.name: split_of[group] for image, group in zip(images, groups, strict=True)}


def _by_pattern(name: str, config: LabelMapsConfig) -> str:
    assert isinstance(config.split, dict)
    tries = (matching_splits(text, config.split) for text in (name, PurePosixPath(name).name))
    found = next(filter(None, tries), [])
    if len(found) != 1:
        what = f"the splits {found}" if found else "no split"
        raise ValueError(f"the image {shown(name)} matches {what}, but each is of one; mend label_maps.split")
    return found[0]


def _given(image: LabelledImage) -> str:
    if not image.split:
        raise ValueError(
            f"the image {shown(image.name)} lies in no folder of a split (train, val, test); move it there, set "
            f"label_maps.split to sequence or city, {_MEND}"
        )
    return image.split


def _group(image: LabelledImage, by: str) -> str:
    group = image.city if by == "city" else image.sequence
    if not group:
        raise ValueError(
            f"label_maps.split is {by}, but nothing says the {by} of the image {shown(image.name)}; give label_maps."
            f"sequence_pattern, {_MEND}"
        )
    return group


def _share_out(groups: Sequence[str], config: LabelMapsConfig) -> dict[str, str]:
    counts = Counter(groups)
    shares = {split: share for split, share in config.shares.items() if share > 0}
    if len(counts) < len(shares):
        names = shown(", ".join(sorted(counts)))[1:-1]
        raise ValueError(
            f"the {len(groups)} images are of {len(counts)} {config.split}(s) ({names}), but {len(shares)} splits need "
            f"at least {len(shares)}: frames of one drive must not be in two splits; add images of others, give "
            f"label_maps.shares fewer splits, {_MEND}"
        )
    return share_out(counts, shares, seed=config.seed)

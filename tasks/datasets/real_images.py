"""Takes annotated real images into the store: reads users' annotations, checks them, and splits them without leaks."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from blender_assets.both_sides.text_reading import shown
from blender_assets.site import Site, load_site
from tasks.artifacts.canonical import digest_file
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.datasets.annotations import AnnotatedImage, write_coco
from tasks.datasets.estimated_heads import with_estimated_heads
from tasks.datasets.layouts.annotation_forms import AnnotationSource, Form, read_annotations
from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.datasets.layouts.shared_annotations import Dataset
from tasks.datasets.leaks import describe_cut_clips, describe_leaks, find_cut_clips, read_leaks
from tasks.datasets.left_out import describe_left_out
from tasks.datasets.split_names import SPLITS, SplitName
from tasks.datasets.splits import RealImagesConfig, assign_splits, clip_of, wanted_shares
from tasks.images.files import read_image, write_png


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
        named = [(replace(image, clip=clip_of(image, config)), names[image.file_name]) for image in images]
        _tell_leaks(named, files, tell=tell_leak)
    return [
        _plan_split(split, chosen, dataset, site, config)
        for split in SPLITS
        if (chosen := [image for image in images if names.get(image.file_name) == split])
    ]


def _plan_split(
    split: SplitName, images: list[AnnotatedImage], dataset: Dataset, site: Site, config: RealImagesConfig
) -> tuple[SplitConfig, SourceFiles]:
    source = dataset.source.of_images([image.file_name for image in images])
    split_config = SplitConfig(
        split=split,
        form=source.form,
        file_names=tuple(sorted(source.listed)),
        listed=dict(source.listed),
        nadirs_px={image.file_name: _nadir(image, site) for image in images},
        clips={image.file_name: clip_of(image, config) for image in images},
        cameras={image.file_name: image.camera for image in images},
    )
    return split_config, SourceFiles(dict(source.files))


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


def _stored_name(file_name: str) -> str:
    return f"{Path(file_name).with_suffix('').as_posix().replace('/', '_')}.png"


def _check_not_empty(names: dict[str, str], config: RealImagesConfig, *, notes: Iterable[str]) -> None:
    """`notes`: what was found and is not used, which may be why."""
    counts = Counter(names.values())
    named = config.split if isinstance(config.split, dict) else wanted_shares(config)
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
        read_checked(image, files[image.file_name])


def read_checked(image: AnnotatedImage, path: Path) -> np.ndarray:
    """Its pixels uint8 [h, w, 3]; ValueError where it has another size than its annotations say."""
    pixels = read_image(path)
    height, width = pixels.shape[:2]
    if (width, height) != (image.width_px, image.height_px):
        raise ValueError(
            f"{path} has {width} x {height} pixels, but its annotations say {image.width_px} x {image.height_px}; boxes "
            "would be misplaced: annotate this size or resize the image"
        )
    return pixels


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

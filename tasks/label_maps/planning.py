"""What the import of a folder with label maps is: its splits and their files, checked, with what has to be said of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tasks.artifacts.recipe import SourceFiles
from tasks.class_tables.conversion import convert_table
from tasks.class_tables.known import find_table
from tasks.class_tables.table import ClassTable
from tasks.datasets.leaks import read_leaks
from tasks.datasets.split_names import SPLITS
from tasks.label_maps.annotated import LabelledDataset, LabelledImage
from tasks.label_maps.conditions import read_conditions
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import ImageFiles, LabelMapSplitConfig
from tasks.label_maps.label_files import stored_size
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.leaks import Place, cut_sequences, leak_lines
from tasks.label_maps.reading import wrong_size
from tasks.label_maps.splitting import split_images

Size = tuple[int, int]  # width, height


def plan_label_maps(
    config: LabelMapsConfig, folder: Path, *, tell: Callable[[str], object] | None = None
) -> list[tuple[LabelMapSplitConfig, SourceFiles]]:
    """Every split with its files. Relative places are relative to `folder`; what was recognised is given to `tell`.

    ValueError, in one line, for what cannot be read so: see `find_label_maps`, `split_images`; for maps of another size
    than their image, images of several sizes without `size_px`, and for leaks where they are refused.
    """
    dataset = find_label_maps(config, folder)
    splits = split_images(dataset, config)
    sizes = {image.name: stored_size(image.image) for image in dataset.images}
    size = config.size_px or _one_size(sizes)
    _check_map_sizes(dataset, sizes)
    target = _target(dataset, config, folder)
    say = tell or (lambda line: None)
    for line in (dataset.line(), *dataset.notes, *_conversion_line(dataset.table, target)):
        say(line)
    for line in _leak_lines(dataset, splits, config):
        _refuse(line) if config.leaks == "error" else say(line)
    plans = [
        _plan_split(split, chosen, dataset, size, target)
        for split in SPLITS
        if (chosen := [image for image in dataset.images if splits[image.name] == split])
    ]
    if config.conditions is None:
        return plans
    conditions = read_conditions(folder / config.conditions, [image.name for image in dataset.images])
    return [(_in_light(split, conditions), files) for split, files in plans]


def _plan_split(
    split: str, images: list[LabelledImage], dataset: LabelledDataset, size: Size, target: ClassTable | None
) -> tuple[LabelMapSplitConfig, SourceFiles]:
    files: dict[str, Path] = {}
    records = tuple(_image_files(image, files) for image in images)
    config = LabelMapSplitConfig(
        split=split,
        images=records,
        size_px=size,
        encoding=dataset.encoding,
        has_green_strips=dataset.has_green_strips,
        table=dataset.table,
        convert_to=target,
    )
    return config, SourceFiles(files)


def _in_light(split: LabelMapSplitConfig, conditions: Mapping[str, str]) -> LabelMapSplitConfig:
    images = [own.model_copy(update={"condition": conditions[own.image]}) for own in split.images]
    return split.model_copy(update={"images": tuple(images)})


def _image_files(image: LabelledImage, files: dict[str, Path]) -> ImageFiles:
    """Adds the image's files to `files`, under names that do not depend on their place."""
    names = {"image": image.name}
    files[image.name] = image.image
    if image.label is not None:
        names["label"] = f"{image.name}: label map{image.label.suffix.lower()}"
        files[names["label"]] = image.label
    if image.annotations is not None:
        names["annotations"] = _annotations_name(image.annotations, files)
        files[names["annotations"]] = image.annotations
    return ImageFiles(
        **names, called=image.called, sequence=image.sequence, city=image.city, camera=image.camera
    )


def _annotations_name(path: Path, files: Mapping[str, Path]) -> str:
    """As the file is called, with a number where another one is called so too."""
    number = 1
    while files.get(name := f"annotations {number}/{path.name}", path) != path:
        number += 1
    return name


def _one_size(sizes: Mapping[str, Size]) -> Size:
    counts = Counter(sizes.values())
    if len(counts) > 1:
        said = ", ".join(f"{width} x {height} ({count})" for (width, height), count in counts.most_common(4))
        raise ValueError(
            f"the images have {len(counts)} sizes: {said}{' ..' if len(counts) > 4 else ''}; set label_maps.size_px to "
            "the width and height to scale all to, e.g. [512, 256]"
        )
    return next(iter(counts))


def _check_map_sizes(dataset: LabelledDataset, sizes: Mapping[str, Size]) -> None:
    for image in dataset.images:
        if image.label is not None and (found := stored_size(image.label)) != sizes[image.name]:
            raise ValueError(wrong_size(image.label, found, image.image, sizes[image.name]))


def _target(dataset: LabelledDataset, config: LabelMapsConfig, folder: Path) -> ClassTable | None:
    if config.convert_to is None or dataset.table is None:
        return None
    target = find_table(config.convert_to, folder)
    return None if target == dataset.table else target


def _conversion_line(table: ClassTable | None, target: ClassTable | None) -> list[str]:
    if table is None or target is None:
        return []
    return [convert_table(table, target).line(table.name, target.name)]


def _leak_lines(dataset: LabelledDataset, splits: Mapping[str, str], config: LabelMapsConfig) -> list[str]:
    """Copies only where they are refused, as every image is decoded for them: else `check_label_map_leaks` tells of them."""
    images = dataset.images
    cut = cut_sequences(Place(image.camera, image.sequence, splits[image.name]) for image in images)
    is_asked = config.leaks == "error" and len(set(splits.values())) > 1
    copies = read_leaks((image.image, splits[image.name]) for image in images) if is_asked else []
    return leak_lines(cut, copies)


def _refuse(line: str) -> None:
    raise ValueError(f"label_maps.leaks is error, and {line}")

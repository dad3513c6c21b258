"""COCO's panoptic and stuff annotations: which JSON files they are, their classes, and the image of each record."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.text_reading import shown
from tasks.class_tables.known import find_table
from tasks.class_tables.reading import table_of
from tasks.class_tables.table import ClassTable
from tasks.datasets.layouts.dataset_files import FileIndex, images_of
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.split_names import split_in
from tasks.label_maps.annotated import Encoding, LabelledDataset, LabelledImage
from tasks.label_maps.coco_records import CocoMaps, coco_maps, is_coco_maps
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.folder_layout import label_stem
from tasks.label_maps.sequences import of_frames

_DEPTH = 2


def find_coco(files: Mapping[str, Path], config: LabelMapsConfig, folder: Path) -> LabelledDataset | None:
    """None where no JSON file holds label maps. ValueError names the file, the record and the mend."""
    parts, broken = _json_files(files, folder / config.folder)
    if not parts:
        if broken and not any(map(label_stem, files)):
            raise broken[0]
        return None
    kinds = {part.encoding for part in parts.values()}
    if len(kinds) > 1:
        raise ValueError(
            f"{config.folder} holds panoptic and stuff annotations: {', '.join(sorted(parts))}; move one kind away"
        )
    encoding = next(iter(parts.values())).encoding
    table = find_table(config.classes, folder) if config.classes else _table(parts)
    images = [image for name, part in parts.items() for image in _images(name, part, files, encoding)]
    return LabelledDataset(f"COCO {encoding.removeprefix('coco_')}", tuple(images), table, encoding)


def _json_files(files: Mapping[str, Path], place: Path) -> tuple[dict[str, CocoMaps], list[ValueError]]:
    """By name, those that annotate every pixel; and what is wrong with those that are no JSON, which may be another's."""
    found, broken = {}, []
    for name, path in files.items():
        if path.suffix.lower() == ".json" and name.count("/") <= _DEPTH:
            require_inside(place, [path])
            try:
                content = read_json(path)
            except ValueError as error:
                broken.append(error)
                continue
            if is_coco_maps(content):
                found[name] = coco_maps(content, path)
    return found, broken


def _table(parts: Mapping[str, CocoMaps]) -> ClassTable:
    """Of the categories, which all files share."""
    (first, part), *others = parts.items()
    for name, other in others:
        if other.categories != part.categories:
            raise ValueError(f"{first} and {name} have different categories; make them the same")
    return table_of({"labels": [*part.categories]}, name="categories", source=str(part.path))


def _images(name: str, part: CocoMaps, files: Mapping[str, Path], encoding: Encoding) -> list[LabelledImage]:
    near = _near(name)
    maps = _maps(part, files, near) if encoding == "coco_panoptic" else {}
    index = FileIndex({own: path for own, path in images_of(files).items() if path not in set(maps.values())})
    images = []
    for called in part.image_names:
        own = _one(index.find(called, near=near), called, part.path)
        origin = of_frames(own, PurePosixPath(own).stem)
        images.append(
            LabelledImage(
                own,
                files[own],
                maps.get(called),
                part.path if called in part.records else None,
                called,
                sequence=origin.sequence,
                split=split_in(own) or split_in(name) or "",
            )
        )
    return images


def _maps(part: CocoMaps, files: Mapping[str, Path], near: list[str]) -> dict[str, Path]:
    index = FileIndex({name: path for name, path in files.items() if path.suffix.lower() == ".png"})
    folders = [folder for folder in near if "panoptic" in folder] or near
    return {
        called: files[_one(index.find(png, near=folders), png, part.path)]
        for called, png in part.png_names.items()
    }


def _near(name: str) -> list[str]:
    """Folders in which the images and maps of `annotations/panoptic_val2017.json` may lie."""
    path = PurePosixPath(name)
    own, word = path.with_suffix("").as_posix(), path.stem.split("_")[-1]
    return [own, path.stem, word, f"images/{word}", "images"]


def _one(found: list[str], called: str, path: Path) -> str:
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{path} lists {shown(called)}, which may be {shown(found[:3])}; remove all but one")
    raise ValueError(
        f"{path} lists {shown(called)}, but there is no such file; copy it into the folder, or mend the name"
    )

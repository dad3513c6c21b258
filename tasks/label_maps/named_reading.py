"""Recognises the layouts of published data sets in the names of a folder's files."""

from collections.abc import Mapping
from pathlib import Path

from blender_assets.both_sides.text_reading import shown
from tasks.class_tables.known import find_table, known_table
from tasks.class_tables.table import ClassTable
from tasks.datasets.split_names import split_in
from tasks.label_maps.annotated import Encoding, LabelledDataset, LabelledImage
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.folder_layout import is_in_label_folder, label_stem
from tasks.label_maps.found_tables import mapillary_table, of_one_version
from tasks.label_maps.named_layouts import NAMED_LAYOUTS, NamedLayout
from tasks.label_maps.pairing import pair_maps


def find_named(files: Mapping[str, Path], config: LabelMapsConfig, folder: Path) -> LabelledDataset | None:
    """The first layout that fits, or that which the configuration names; None where none does.

    ValueError for a layout that is named and does not fit, and for one without the encoding that is wanted.
    """
    for layout in NAMED_LAYOUTS:
        if config.layout in ("auto", layout.name):
            dataset = _of_layout(layout, files, config, folder)
            if dataset is not None:
                return dataset
            if config.layout == layout.name:
                raise ValueError(
                    f"label_maps.folder names {config.folder}, in which no files are called as in the layout "
                    f"{layout.title}; name the folder above its images and maps, or leave `layout` out"
                )
    return None


def _of_layout(
    layout: NamedLayout, files: Mapping[str, Path], config: LabelMapsConfig, folder: Path
) -> LabelledDataset | None:
    stems = {name: stem for name in files if (stem := layout.image_stem(name)) is not None}
    maps: dict[Encoding, dict[str, str]] = {
        encoding: found for encoding in layout.labels if (found := _label_stems(layout, encoding, files))
    }
    if not stems or (not maps and (layout.is_plain or any(_is_map(name) for name in files))):
        return None
    encoding = _encoding(layout, maps, config)
    pairs = pair_maps(stems, maps[encoding]) if encoding else {}
    if layout.is_plain and not pairs:
        return None
    images = tuple(_image(layout, name, stem, files, pairs.get(name)) for name, stem in sorted(stems.items()))
    table = _table(layout, files, pairs, config, folder) if pairs else None
    lone = sorted(set(maps[encoding]) - set(pairs.values())) if encoding else []
    notes = (f"{len(lone)} label maps have no image, e.g. {shown(lone[0])}",) if lone else ()
    return LabelledDataset(layout.title, images, table, encoding or "ids", layout.has_green_strips, notes)


def _is_map(name: str) -> bool:
    """Whether a file looks like a label map, if of another layout."""
    return is_in_label_folder(name) and label_stem(name) is not None


def _label_stems(layout: NamedLayout, encoding: Encoding, files: Mapping[str, Path]) -> dict[str, str]:
    stems = {name: stem for name in files if (stem := layout.label_stem(encoding, name)) is not None}
    return of_one_version(stems) if layout.table is None else stems


def _encoding(
    layout: NamedLayout, maps: Mapping[Encoding, Mapping[str, str]], config: LabelMapsConfig
) -> Encoding | None:
    """The wanted one, or that of most maps; of equals the layout's first."""
    if config.encoding == "auto" or not maps:
        return max(maps, key=lambda encoding: len(maps[encoding]), default=None)
    if config.encoding not in maps:
        raise ValueError(
            f"label_maps.encoding is {config.encoding}, but {config.folder} ({layout.title}) has label maps of "
            f"{', '.join(maps)} only; name one of these, or leave `encoding` out"
        )
    return config.encoding


def _image(
    layout: NamedLayout, name: str, stem: str, files: Mapping[str, Path], label: str | None
) -> LabelledImage:
    origin = layout.origin(name, stem)
    return LabelledImage(
        name,
        files[name],
        None if label is None else files[label],
        sequence=origin.sequence,
        city=origin.city,
        camera=origin.camera,
        split=split_in(name) or "",
    )


def _table(
    layout: NamedLayout,
    files: Mapping[str, Path],
    pairs: Mapping[str, str],
    config: LabelMapsConfig,
    folder: Path,
) -> ClassTable:
    if config.classes is not None:
        return find_table(config.classes, folder)
    return (
        known_table(layout.table)
        if layout.table
        else mapillary_table(files, pairs.values(), folder / config.folder)
    )

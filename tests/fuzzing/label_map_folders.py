"""Folders with label maps of many kinds, and their spoiling by a seed: maps, palettes, tables, JSON files and structure."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from tests.fuzzing import image_bytes
from tests.fuzzing.mutations import mutated_bytes, mutated_json, mutated_text, mutated_yaml, stacked
from tests.tasks.class_tables.test_reading import MAPILLARY
from tests.tasks.label_maps.made_up_maps import COLORS, IDS, TRAIN_IDS, photo, write
from tests.tasks.label_maps.test_coco_layout import compressed, panoptic, runs, stuff

TABLE = {
    "labels": [{"name": name, "id": k, "color": [k, 0, 9]} for k, name in enumerate(("road", "car", "sky"))]
}
VALUES = np.array([[0, 1, 2, 2]] * 2, np.uint8)
PALETTE = np.array([label["color"] for label in TABLE["labels"]] + [[0, 0, 0]] * 253)
_MUTATORS = {
    ".json": stacked(mutated_json, mutated_text, mutated_bytes),
    ".yaml": stacked(mutated_yaml, mutated_text, mutated_bytes),
    ".txt": stacked(mutated_text, mutated_bytes),
    ".csv": stacked(mutated_text, mutated_bytes),
    ".png": image_bytes.mutated,
}


def cityscapes(folder: Path) -> None:
    for k in range(3):
        write(folder / f"leftImg8bit/train/ulm/ulm_000000_00000{k}_leftImg8bit.png", photo(k))
        write(folder / f"gtFine/train/ulm/ulm_000000_00000{k}_gtFine_labelIds.png", IDS)
        write(folder / f"gtFine/train/ulm/ulm_000000_00000{k}_gtFine_labelTrainIds.png", TRAIN_IDS)
        write(folder / f"gtFine/train/ulm/ulm_000000_00000{k}_gtFine_color.png", COLORS)


def palettes(folder: Path) -> None:
    write(folder / "images/train/a.png", photo())
    write(folder / "labels/train/a.png", VALUES, PALETTE)
    (folder / "classes.yaml").write_text(yaml.safe_dump(TABLE))


def colors(folder: Path) -> None:
    write(folder / "train/a.png", photo())
    write(folder / "train_labels/a_L.png", PALETTE[VALUES].astype(np.uint8))
    (folder / "class_dict.csv").write_text("name,r,g,b\nroad,0,0,9\ncar,1,0,9\nsky,2,0,9\n")


def text_table(folder: Path) -> None:
    write(folder / "train/img/a.png", photo())
    write(folder / "train/masks/a.png", VALUES)
    (folder / "label_colors.txt").write_text("0 0 9 road\n1 0 9 car\n2 0 9 sky\n")


def mapillary(folder: Path) -> None:
    write(folder / "training/images/a.png", photo())
    write(folder / "training/labels/a.png", VALUES, PALETTE)
    (folder / "config.json").write_text(json.dumps(MAPILLARY))


def coco_panoptic(folder: Path) -> None:
    panoptic(folder)


def coco_stuff(folder: Path) -> None:
    stuff(folder, compressed(), runs(), [[1, 1, 3, 1, 3, 2]])


KINDS: tuple[Callable[[Path], None], ...] = (
    cityscapes, palettes, colors, text_table, mapillary, coco_panoptic, coco_stuff,
)  # fmt: skip


def spoil(folder: Path, rng: np.random.Generator) -> None:
    """One to three spoilings of files or of the structure."""
    for _ in range(int(rng.integers(1, 4))):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        if not files:
            return
        path = files[int(rng.integers(len(files)))]
        change = _STRUCTURE[int(rng.integers(len(_STRUCTURE)))] if rng.random() < 0.35 else _bytes
        change(path, rng)


def _bytes(path: Path, rng: np.random.Generator) -> None:
    mutator = _MUTATORS.get(path.suffix.lower(), mutated_bytes)
    path.write_bytes(mutator(path.read_bytes(), rng))


def _remove(path: Path, rng: np.random.Generator) -> None:
    path.unlink()


def _rename(path: Path, rng: np.random.Generator) -> None:
    names = (
        f"x_{path.name}",
        path.name.upper(),
        f".{path.name}",
        path.stem,
        f"{path.stem}.jpg",
        f"{path.stem}_mask.png",
        "\u00fc.png",
    )
    _move(path, path.with_name(names[int(rng.integers(len(names)))]))


def _other_folder(path: Path, rng: np.random.Generator) -> None:
    folders = (path.parent.parent, path.parent / "labels", path.parent / "deep/er", path.parent.parent / "gt")
    _move(path, folders[int(rng.integers(len(folders)))] / path.name)


def _double(path: Path, rng: np.random.Generator) -> None:
    target = path.parent / ("labels", "images", "copy")[int(rng.integers(3))] / path.name
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, target)


def _folder_in_its_place(path: Path, rng: np.random.Generator) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path, rng: np.random.Generator) -> None:
    path.unlink()
    path.symlink_to(("nowhere", path.name, "/etc/hostname")[int(rng.integers(3))])


def _other_pixels(path: Path, rng: np.random.Generator) -> None:
    """A whole image of another mode, depth, size or of other values."""
    values = rng.integers(0, 60, (2, 4) if rng.random() < 0.7 else (3, 4)).astype(np.uint8)
    image = Image.fromarray(values)
    modes = ("L", "P", "RGB", "RGBA", "LA", "1", "I;16", "F", "CMYK", "I")
    mode = modes[int(rng.integers(len(modes)))]
    suffix = {"F": "TIFF", "I": "TIFF", "CMYK": "JPEG"}.get(mode, "PNG")
    image = Image.fromarray(values.astype(np.uint16) * 900) if mode == "I;16" else image.convert(mode)
    image.save(path, suffix)


def _move(path: Path, target: Path) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


_STRUCTURE = (
    _remove, _rename, _rename, _other_folder, _double, _folder_in_its_place, _link,
    _other_pixels, _other_pixels, _other_pixels,
)  # fmt: skip

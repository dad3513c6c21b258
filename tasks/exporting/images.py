"""Copies of a dataset's images: the store's own files are read-only and shared."""

import shutil
from pathlib import Path

from tasks.exporting.selection import Source


def copy_image(source: Source, folder: Path) -> None:
    """The image's file into a folder, under its own name."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(source.folder / source.image.file_name, folder / source.name)

"""Files that a dataset names stay in its folder: others may have written it."""

from collections.abc import Iterable
from pathlib import Path


def require_inside(folder: Path, names: Iterable[str | Path]) -> None:
    """ValueError for a name that leads out of `folder`, by "..", as an absolute path or through a symbolic link."""
    root = folder.resolve()
    for name in names:
        path = (folder / name).resolve()
        if not path.is_relative_to(root):
            raise ValueError(
                f"{folder / name} leads out of its folder, to {path}; copy the file into the folder, or name the folder "
                "where it lies"
            )

"""Where the images of a domain come from: arrays in memory, or files of which only what is read is in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from models.configs import require


class Source(Protocol):
    """A row of images or maps of one shape."""

    def __len__(self) -> int: ...

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Those at `indices` [k], in that order: [k, h, w, c] of images, [k, h, w] of maps, uint8 or float16."""
        ...


class ArraySource:
    """An array that is in memory."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def read(self, indices: np.ndarray) -> np.ndarray:
        return self.array[indices]


class FileSource:
    """Several .npy files of equal images, one behind the other.

    A file is mapped for one read and then let go: pages that stay mapped would count to the process until the
    system wants them back.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """ValueError where there is no file, or their images differ in shape or type."""
        require(len(paths) > 0, "There is no file of images; give at least one .npy file.")
        self._paths = tuple(paths)
        arrays = [_mapped(path) for path in paths]
        self._shape, self._dtype = arrays[0].shape[1:], arrays[0].dtype
        for path, array in zip(paths, arrays, strict=True):
            require(
                array.shape[1:] == self._shape and array.dtype == self._dtype,
                f"{path} holds {array.dtype} {list(array.shape[1:])}, but {paths[0]} {self._dtype} {list(self._shape)}; "
                "write all with one shape and type.",
            )
        self._ends = np.cumsum([len(array) for array in arrays])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def read(self, indices: np.ndarray) -> np.ndarray:
        indices = np.asarray(indices)
        found = np.empty((len(indices), *self._shape), self._dtype)
        owners = np.searchsorted(self._ends, indices, side="right")
        for owner in np.unique(owners):
            start = self._ends[owner - 1] if owner else 0
            is_here = owners == owner
            found[is_here] = _mapped(self._paths[owner])[indices[is_here] - start]
        return found


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no .npy file of an array: {error}") from error

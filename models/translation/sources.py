"""Where the images of a domain come from: arrays in memory, or files of which only what is read is in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
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

    Images are read and not mapped: of mapped files every page that was ever read counts to the process, and faulting
    them in took twenty times as long as reading.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """ValueError where there is no file, or their images differ in shape or type."""
        require(len(paths) > 0, "There is no file of images; give at least one .npy file.")
        self._files = [_describe(Path(path)) for path in paths]
        first = self._files[0]
        for file in self._files:
            require(
                (file.shape, file.dtype) == (first.shape, first.dtype),
                f"{file.path} holds {file.dtype} {list(file.shape)}, but {first.path} {first.dtype} {list(first.shape)}; "
                "write all with one shape and type.",
            )
        self._ends = np.cumsum([file.count for file in self._files])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def read(self, indices: np.ndarray) -> np.ndarray:
        indices = np.asarray(indices)
        found = np.empty((len(indices), *self._files[0].shape), self._files[0].dtype)
        owners = np.searchsorted(self._ends, indices, side="right")
        for owner in np.unique(owners):
            rows = np.flatnonzero(owners == owner)
            start = self._ends[owner - 1] if owner else 0
            self._files[owner].fill(found, rows, indices[rows] - start)
        return found


@dataclass(frozen=True)
class _File:
    """Where the images of a .npy file lie in it."""

    path: Path
    offset: int
    count: int
    shape: tuple[int, ...]
    dtype: np.dtype

    def fill(self, images: np.ndarray, rows: np.ndarray, indices: np.ndarray) -> None:
        """Read the images at `indices` into `rows` of an array."""
        with self.path.open("rb") as file:
            for row, index in zip(rows, indices, strict=True):
                file.seek(self.offset + int(index) * images[row].nbytes)
                num_read = file.readinto(images[row].data)
                require(num_read == images[row].nbytes, f"{self.path} ends in image {index}; write it again.")


def _describe(path: Path) -> _File:
    try:
        array = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no .npy file of an array: {error}") from error
    require(array.flags.c_contiguous, f"{path} is in Fortran order; write it with numpy.ascontiguousarray.")
    return _File(path, array.offset, len(array), array.shape[1:], array.dtype)

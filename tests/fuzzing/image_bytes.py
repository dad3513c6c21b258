"""Spoils the bytes of image files, by a seed: more often in their headers, and with checksums of PNG mended."""

import struct
import zlib
from collections.abc import Callable

import numpy as np

HEADER_BYTES = 120
NUMBERS = (
    b"\x00\x00",
    b"\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x00\x01",
    b"\x40\x00",
    b"\x80\x00\x00\x00",
)


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three spoilings of the data."""
    for _ in range(int(rng.integers(1, 4))):
        data = SPOILINGS[int(rng.integers(len(SPOILINGS)))](data, rng)
    return with_checksums(data) if rng.random() < 0.7 else data


def with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks say what they hold, so that readers look into them; other data as they are."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    content, place = bytearray(data), 8
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        end = place + 8 + length
        if end + 4 > len(content):
            break
        content[end : end + 4] = struct.pack(">I", zlib.crc32(content[place + 4 : end]))
        place = end + 4
    return bytes(content)


def _place(data: bytes, rng: np.random.Generator) -> int:
    reach = len(data) if rng.random() < 0.4 else min(len(data), HEADER_BYTES)
    return int(rng.integers(reach)) if reach else 0


def _flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    content = bytearray(data)
    for _ in range(int(rng.integers(1, 6)) if content else 0):
        content[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return bytes(content)


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _overwrite(data: bytes, rng: np.random.Generator) -> bytes:
    place, number = _place(data, rng), NUMBERS[int(rng.integers(len(NUMBERS)))]
    return data[:place] + number + data[place + len(number) :]


def _insert(data: bytes, rng: np.random.Generator) -> bytes:
    place = _place(data, rng)
    inserted = (b"\xef\xbb\xbf", b"\x00", rng.bytes(8), data[place : place + 40])[int(rng.integers(4))]
    return data[:place] + inserted + data[place:]


def _remove(data: bytes, rng: np.random.Generator) -> bytes:
    place = _place(data, rng)
    return data[:place] + data[place + int(rng.integers(1, 40)) :]


SPOILINGS: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    _flip_bits, _flip_bits, _flip_bits, _cut, _overwrite, _overwrite, _insert, _remove,
)  # fmt: skip

"""Spoils the text of BVH files, by a seed: bytes, words, lines and whole sections."""

import re
from collections.abc import Callable

import numpy as np

NUMBERS = (b"0", b"-0.0", b"90", b"180", b"-720.5", b"1e-9", b"1e6", b"-1e6", b"0.001", b"37")
WORDS = (
    b"nan", b"inf", b"-inf", b"1e400", b"-1", b"", b"9" * 400, b"1e308", b"1e6", b"0", b"1e-300", b"JOINT", b"End Site",
    b"MOTION", b"{", b"}", b"OFFSET", b"CHANNELS", b"Xposition", b"Frames:", b"\xef\xbb\xbf", b"\x00", b"\xff\xfe",
)  # fmt: skip


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three spoilings of the data."""
    for _ in range(int(rng.integers(1, 4))):
        data = SPOILINGS[int(rng.integers(len(SPOILINGS)))](data, rng)
    return data


def _flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    content = bytearray(data)
    for place in rng.integers(len(content), size=int(rng.integers(1, 4))) if content else ():
        content[place] ^= 1 << int(rng.integers(8))
    return bytes(content)


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _insert(data: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(data) + 1))
    inserted = (b"\xef\xbb\xbf", b"\x00", rng.bytes(8))[int(rng.integers(3))]
    return data[:place] + inserted + data[place:]


def _replace_word(data: bytes, rng: np.random.Generator) -> bytes:
    words = data.split(b" ")
    words[int(rng.integers(len(words)))] = WORDS[int(rng.integers(len(WORDS)))]
    return b" ".join(words)


def _change_numbers(data: bytes, rng: np.random.Generator) -> bytes:
    """Other numbers that are allowed: the clip is read, and what it holds may be no body."""
    found = list(re.finditer(rb"(?<=[ \n])(?<!CHANNELS )-?\d+(\.\d+)?(?=[ \n])", data))
    for match in sorted(rng.permutation(len(found))[: int(rng.integers(1, 20))], reverse=True):
        start, end = found[match].span()
        data = data[:start] + NUMBERS[int(rng.integers(len(NUMBERS)))] + data[end:]
    return data


def _change_lines(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    one, other = (int(rng.integers(len(lines))) for _ in range(2))
    change = int(rng.integers(3))
    if change == 0:
        del lines[one]
    elif change == 1:
        lines.insert(other, lines[one])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


SPOILINGS: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    _flip_bits, _cut, _insert, _replace_word, _replace_word, _change_lines, _change_lines,
    *[_change_numbers] * 9,
)  # fmt: skip

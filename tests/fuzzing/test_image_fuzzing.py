"""Spoilt images are read, or refused in one short line, in little time and memory."""

import io
import resource
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tasks.images.files import jpeg_quality, read_image
from tests.fuzzing.image_bytes import mutated

LONGEST_S = 10.0
MOST_KIB = 1_000_000  # a header may claim the largest image that is read, of which little is then there
OPTIONS = {"JPEG": {"quality": 80}, "PNG": {}, "WEBP": {"quality": 80}, "AVIF": {"quality": 60}, "TIFF": {}}


def sources() -> list[bytes]:
    rng = np.random.default_rng(0)
    pixels = np.kron(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    found = []
    for form, options in OPTIONS.items():
        for image in (Image.fromarray(pixels), Image.fromarray(pixels[..., 0])):
            stream = io.BytesIO()
            image.save(stream, form, exif=exif, **options)
            found.append(stream.getvalue())
    return found


def peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def survive(path: Path, seeds: range) -> dict[str, int]:
    """How many spoilt images were read, and how many refused."""
    counts = {"read": 0, "refused": 0}
    whole, before = sources(), peak_kib()
    for seed in seeds:
        path.write_bytes(mutated(whole[seed % len(whole)], np.random.default_rng(seed)))
        started = time.process_time()
        try:
            pixels = read_image(path, turns_as_viewers_do=bool(seed % 3))
        except ValueError as error:
            message = str(error)
            assert "\n" not in message and len(message.replace(str(path), "")) <= 500, (seed, message)
            counts["refused"] += 1
        else:
            assert pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8, seed
            jpeg_quality(path)
            counts["read"] += 1
        assert time.process_time() - started < LONGEST_S, seed
    assert list(path.parent.iterdir()) == [path]
    assert peak_kib() - before < MOST_KIB
    return counts


def test_spoilt_images_are_read_or_refused_in_a_line(tmp_path):
    assert min(survive(tmp_path / "a.img", range(100)).values()) >= 10


@pytest.mark.slow
def test_many_spoilt_images_are_read_or_refused_in_a_line(tmp_path):
    assert min(survive(tmp_path / "a.img", range(100, 2600)).values()) >= 200

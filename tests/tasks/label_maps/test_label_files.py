"""Values are read as they were stored, whatever kind of PNG holds them, or refused in one line."""

import numpy as np
import pytest
from PIL import Image

from tasks.label_maps.label_files import read_label_pixels, stored_size
from tests.tasks.label_maps.made_up_maps import COLORS, IDS, write

PALETTE = np.arange(768).reshape(256, 3) % 251


def write_png_of_bits(path, values, bits):
    """A grey PNG of 1, 2, 4 or 16 bits, chunk by chunk: Pillow writes none of 2 and 4."""
    import struct
    import zlib

    height, width = values.shape
    if bits == 16:
        rows = [row.astype(">u2").tobytes() for row in values]
    else:
        flags = np.unpackbits(values[..., None].astype(np.uint8), axis=2)[..., 8 - bits :]
        rows = [np.packbits(row).tobytes() for row in flags.reshape(height, -1)]
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
        content += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    path.write_bytes(content)
    return path


def test_grey_is_read_as_it_is(tmp_path):
    pixels = read_label_pixels(write(tmp_path / "a.PNG", IDS))
    assert np.array_equal(pixels.indices, IDS) and pixels.colors is None


@pytest.mark.parametrize(("bits", "most"), [(1, 1), (2, 3), (4, 15)])
def test_grey_of_few_bits_is_not_stretched(tmp_path, bits, most):
    values = np.array([[0, 1, most, 0], [most, 0, 1, 1]], np.uint8)
    pixels = read_label_pixels(write_png_of_bits(tmp_path / "a.png", values, bits))
    assert np.array_equal(pixels.indices, values)


def test_16_bits_of_grey_keep_their_values(tmp_path):
    values = np.array([[0, 300, 65535, 7]], np.uint16)
    pixels = read_label_pixels(write_png_of_bits(tmp_path / "a.png", values, 16))
    assert np.array_equal(pixels.indices, values)


def test_a_palette_gives_indices_and_colours(tmp_path):
    pixels = read_label_pixels(write(tmp_path / "a.png", IDS, PALETTE))
    assert np.array_equal(pixels.indices, IDS)
    assert np.array_equal(pixels.colors, PALETTE[IDS])


def test_opaque_rgba_is_rgb(tmp_path):
    opaque = np.dstack([COLORS, np.full(COLORS.shape[:2], 255, np.uint8)])
    pixels = read_label_pixels(write(tmp_path / "a.png", opaque))
    assert pixels.indices is None and np.array_equal(pixels.colors, COLORS)


def test_transparent_pixels_have_no_class(tmp_path):
    pixels = np.dstack([COLORS, np.array([[255, 255, 0, 255], [255, 255, 255, 9]], np.uint8)])
    with pytest.raises(ValueError, match="transparent in 2 pixels"):
        read_label_pixels(write(tmp_path / "a.png", pixels))


def test_jpeg_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a label map of the kind \.jpg, but PNG is needed"):
        read_label_pixels(write(tmp_path / "a.jpg", IDS))


def test_floats_are_refused(tmp_path):
    Image.fromarray(np.zeros((2, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="the colour mode F"):
        read_label_pixels(tmp_path / "a.tif")


def test_a_broken_file_is_refused_in_one_line(tmp_path):
    path = write(tmp_path / "a.png", IDS)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match="cannot be read as an image") as error:
        read_label_pixels(path)
    assert "\n" not in str(error.value)


def test_the_size_is_width_and_height(tmp_path):
    assert stored_size(write(tmp_path / "a.png", IDS)) == (4, 2)

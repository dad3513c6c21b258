import cv2
import numpy as np
import pytest
from PIL import Image

from tasks.images import encode_jpeg, jpeg_quality, read_image, write_png

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def test_an_image_comes_back_as_it_was_written(tmp_path):
    write_png(tmp_path / "a.png", PIXELS)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), PIXELS)


def test_images_are_written_at_zlib_s_fastest_level(tmp_path):
    write_png(tmp_path / "a.png", PIXELS)
    content = (tmp_path / "a.png").read_bytes()
    flags = content[
        content.index(b"IDAT") + 5
    ]  # the second byte of the stream; RFC 1950: FLEVEL in its top bits
    assert flags >> 6 == 0


def test_grey_images_are_read_as_rgb(tmp_path):
    Image.fromarray(PIXELS[..., 0]).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.repeat(PIXELS[..., :1], 3, axis=2))


def make_missing(path):
    pass


def make_empty(path):
    path.write_bytes(b"")


def make_text(path):
    path.write_text("not an image")


def make_truncated(path):
    Image.fromarray(PIXELS).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:900])


def make_16_bit(path):
    Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257).save(path, "PNG")


def make_16_bit_color(path):
    is_encoded, data = cv2.imencode(".png", PIXELS.astype(np.uint16) * 257)
    assert is_encoded
    path.write_bytes(data.tobytes())


def make_cmyk(path):
    Image.fromarray(PIXELS).convert("CMYK").save(path, "JPEG")


def make_transparent(path):
    Image.fromarray(PIXELS).convert("RGBA").save(path, "PNG")


def make_turned(path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(path, "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_missing, r"there is no image .*a\.img; check the file name"),
        (make_empty, r"a\.img is empty \(0 bytes\); copy it again"),
        (make_text, r"a\.img cannot be read as an image .*; copy or export it again"),
        (make_truncated, r"a\.img cannot be read as an image .*; copy or export it again"),
        (make_16_bit, r"colour mode I;16, but 8-bit RGB or grey is needed; convert it"),
        (make_16_bit_color, r"has 16 bits a channel, but 8 are needed; convert it"),
        (make_cmyk, r"colour mode CMYK, but 8-bit RGB or grey is needed; convert it"),
        (make_transparent, r"colour mode RGBA, but 8-bit RGB or grey is needed; convert it"),
        (make_turned, r"stored turned \(EXIF orientation 6\).*-auto-orient"),
    ],
)
def test_every_other_file_is_refused_in_one_line(tmp_path, make, message):
    make(tmp_path / "a.img")
    with pytest.raises(ValueError, match=message) as error:
        read_image(tmp_path / "a.img")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("quality", [50, 75, 88, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(tmp_path, quality):
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    (tmp_path / "photo.jpg").write_bytes(encode_jpeg(image, quality=quality))
    assert jpeg_quality(tmp_path / "photo.jpg") == quality


def test_a_png_has_no_jpeg_quality(tmp_path):
    write_png(tmp_path / "photo.png", np.zeros((8, 8), np.uint8))
    assert jpeg_quality(tmp_path / "photo.png") is None

import resource
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from tasks.images.files import (
    IMAGE_SUFFIXES,
    encode_jpeg,
    image_size_px,
    jpeg_quality,
    read_image,
    write_png,
    write_png_at_once,
)

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
    image = Image.fromarray(PIXELS).convert("RGBA")
    image.putpixel((3, 4), (0, 0, 0, 254))
    image.save(path, "PNG")


def make_palette_with_a_transparent_color(path):
    image = Image.fromarray(PIXELS[..., 0] % 4).convert("P")
    image.save(path, "PNG", transparency=3)


def make_16_bit_tiff(path):
    is_encoded, data = cv2.imencode(".tiff", PIXELS.astype(np.uint16) * 257)
    assert is_encoded
    path.write_bytes(data.tobytes())


def make_heic(path):
    path.write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200))


def make_header(path, width, height, size=2000):
    """A PNG of a few bytes whose header says how large it is."""
    Image.fromarray(PIXELS).save(path, "PNG")
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    path.write_bytes(bytes(content[:size]))


def make_bomb(path):
    make_header(path, 60_000, 60_000)


def make_wide(path):
    make_header(path, 40_000, 100)


def make_lie(path):
    make_header(path, 12_000, 12_000)


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
        (make_16_bit_tiff, r"has 16 bits a channel, but 8 are needed; convert it"),
        (make_transparent, r"is transparent in 0\.17% of its pixels, which have no colour; give them one"),
        (make_palette_with_a_transparent_color, r"is transparent in 2\d\.\d\d% of its pixels"),
        (make_heic, r"is a HEIC photo, which is not read here; convert it, e\.g\. `heif-convert"),
        (
            make_bomb,
            r"says that it has more than 178000000 pixels, which are not read; scale it down",
        ),
        (make_wide, r"has 40000 x 100 pixels, but 32766 a side"),
        (
            make_lie,
            r"says that it has 12000 x 12000 pixels, which 1\d\d\d bytes cannot hold; copy or export it again",
        ),
        (make_turned, r"stored turned \(EXIF orientation 6\).*-auto-orient"),
    ],
)
def test_every_other_file_is_refused_in_one_line(tmp_path, make, message):
    make(tmp_path / "a.img")
    with pytest.raises(ValueError, match=message) as error:
        read_image(tmp_path / "a.img")
    assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match=message) as same:
        image_size_px(tmp_path / "a.img")
    assert str(same.value) == str(error.value)


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGB"), ("a.jpg", "RGB"), ("grey.jpg", "L"), ("a.webp", "RGBA")]
)
def test_the_size_of_an_image_is_width_and_height(tmp_path, name, mode):
    image = Image.new(mode, (301, 203), 90 if mode == "L" else (90, 80, 70, 255)[: len(mode)])
    image.save(tmp_path / name)
    assert image_size_px(tmp_path / name) == (301, 203)
    assert read_image(tmp_path / name).shape == (203, 301, 3)


def test_a_photo_that_was_written_over_has_its_new_size(tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg")
    assert image_size_px(tmp_path / "a.jpg") == (30, 20)
    Image.new("RGB", (40, 10)).save(tmp_path / "a.jpg")
    assert image_size_px(tmp_path / "a.jpg") == (40, 10)
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:-100])
    with pytest.raises(ValueError, match="cannot be read as an image"):
        image_size_px(tmp_path / "a.jpg")


def test_a_header_that_lies_costs_no_memory(tmp_path):
    make_lie(tmp_path / "a.png")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match="cannot hold"):
        read_image(tmp_path / "a.png")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1"])
def test_opaque_photos_of_other_modes_are_read(tmp_path, mode):
    image = Image.fromarray(PIXELS).convert(mode)
    image.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("WEBP", {"lossless": True}), ("AVIF", {"quality": 100}), ("BMP", {}), ("TIFF", {}), ("GIF", {}), ("JPEG2000", {}),
        ("PPM", {}),
    ],
)  # fmt: skip
def test_other_formats_are_read(tmp_path, form, options):
    ramp = np.linspace(0, 255, 64 * 48).reshape(48, 64).astype(np.uint8)
    pixels = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], axis=2)
    Image.fromarray(pixels).save(tmp_path / "a", form, **options)
    tolerance = {"AVIF": 8, "GIF": 40, "JPEG2000": 8}.get(form, 0)
    assert np.abs(read_image(tmp_path / "a").astype(int) - pixels).max() <= tolerance


def with_orientation(path, orientation, form="JPEG"):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(PIXELS).save(path, form, exif=exif)


@pytest.mark.parametrize("orientation", [0, 1, 9, 77])
def test_an_orientation_that_turns_nothing_is_read_as_it_is(tmp_path, orientation):
    with_orientation(tmp_path / "a.jpg", orientation)
    Image.fromarray(PIXELS).save(tmp_path / "b.jpg", "JPEG")
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg"), read_image(tmp_path / "b.jpg"))


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (2, lambda pixels: pixels[:, ::-1]),
        (3, lambda pixels: pixels[::-1, ::-1]),
        (6, lambda pixels: np.rot90(pixels, -1)),  # stored on its left side: turned clockwise
        (8, np.rot90),
    ],
)
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_photos_are_turned_as_viewers_do_where_that_is_asked_for(tmp_path, form, orientation, turn):
    if form == "TIFF":
        Image.fromarray(PIXELS).save(tmp_path / "a", form, tiffinfo={0x0112: orientation})
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(PIXELS).save(
            tmp_path / "a", form, exif=exif, **({"lossless": True} if form == "WEBP" else {})
        )
    np.testing.assert_array_equal(read_image(tmp_path / "a", turns_as_viewers_do=True), turn(PIXELS))
    with pytest.raises(ValueError, match=f"stored turned .EXIF orientation {orientation}"):
        read_image(tmp_path / "a")


def test_damaged_exif_costs_no_photo(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert read_image(tmp_path / "a.jpg", turns_as_viewers_do=True).shape == PIXELS.shape


def test_a_picture_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    write_png_at_once(tmp_path / "a.png", PIXELS)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), PIXELS)
    (tmp_path / "b.png").mkdir()  # no file can take its place
    with pytest.raises(OSError):
        write_png_at_once(tmp_path / "b.png", PIXELS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_endings_of_photos_are_in_small_letters():
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in IMAGE_SUFFIXES)


@pytest.mark.parametrize("quality", [50, 75, 88, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(tmp_path, quality):
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    (tmp_path / "photo.jpg").write_bytes(encode_jpeg(image, quality=quality))
    assert jpeg_quality(tmp_path / "photo.jpg") == quality


def test_a_png_has_no_jpeg_quality(tmp_path):
    write_png(tmp_path / "photo.png", np.zeros((8, 8), np.uint8))
    assert jpeg_quality(tmp_path / "photo.png") is None

"""Reading images of many kinds as 8-bit RGB, with one clear line for everything else, and writing them."""

import contextlib
import functools
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# Endings of photos; what cannot be read of these is answered with what to do.
IMAGE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif", ".jp2",
    ".ppm", ".pgm", ".pnm", ".heic", ".heif",
)  # fmt: skip
MAX_PIXELS = 178_000_000  # Pillow opens no larger ones
MAX_SIDE_PX = 32_766  # OpenCV warps no larger ones
_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "TIFF", "GIF", "JPEG2000", "PPM")
_MODES = ("RGB", "L", "P", "1", "RGBA", "LA", "PA")
_ORIENTATION, _BITS_PER_SAMPLE = 0x0112, 0x0102  # of EXIF, TIFF
_TURNED = range(2, 9)  # 1 is upright; others, as 0, say nothing
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# More than an even surface compresses to in that format: of a smaller file the header lies.
_PIXELS_A_BYTE = {
    "PNG": 8300, "JPEG": 3000, "MPO": 3000, "BMP": 8300, "TIFF": 8300, "GIF": 20_000, "WEBP": 20_000,
    "AVIF": 100_000, "JPEG2000": 100_000, "PPM": 8,
}  # fmt: skip
_STANDARD_LUMINANCE_SUM = 3688  # of ITU-T T.81, Table K.1: the quantisation of quality 50


def read_image(path: Path, *, turns_as_viewers_do: bool = False) -> np.ndarray:
    """uint8 [height, width, 3] RGB.

    Raises ValueError for a file that is missing, empty, damaged, too large, not 8-bit grey or RGB, or partly transparent,
    and for one that its EXIF tag turns, unless it is to be turned as viewers do.
    """
    with opened_image(path) as image:
        return _pixels(path, image, turns=turns_as_viewers_do)


def image_size_px(path: Path) -> tuple[int, int]:
    """(width, height) of an image that `read_image` takes, and its ValueErrors; a third of its time, once a file."""
    state = path.stat() if path.is_file() else None
    return _size_px(path, state and (state.st_ino, state.st_size, state.st_mtime_ns))


@functools.lru_cache(maxsize=4096)
def _size_px(path: Path, state: tuple[int, int, int] | None) -> tuple[int, int]:
    """`state` tells a file from what it was before; a run asks for its photos when it checks them, and again later."""
    with opened_image(path) as image:
        size = image.size
        if image.format == "JPEG":
            image.draft(image.mode, (1, 1))  # decodes every block, but at an eighth of the size
        _upright(path, image, turns=False).load()
    return size


@contextlib.contextmanager
def opened_image(path: Path) -> Iterator[Image.Image]:
    """An image of a known kind whose size is allowed; pixels are decoded when they are asked for.

    Whatever its decoder raises meanwhile is ValueError in one line, as for a file that is missing, empty or damaged.
    """
    if not path.is_file():
        raise ValueError(_why_no_file(path))
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes); copy it again")
    try:
        _refuse_heic(path)
        with _opened(path) as image:
            _check_size(path, image)
            yield image
        return
    except _Mistake as mistake:
        raise ValueError(f"{path} {mistake}") from None
    except Image.DecompressionBombError:
        raise ValueError(
            f"{path} says that it has more than {MAX_PIXELS} pixels, which are not read; scale it down"
        ) from None
    except UnidentifiedImageError:
        reason = "of a kind that is known here"
    # Decoders of damaged files raise anything.
    except Exception as error:
        reason = " ".join(str(error).replace(str(path), "the file").split())[:120]
    raise ValueError(f"{path} cannot be read as an image ({reason}); copy or export it again")


def _why_no_file(path: Path) -> str:
    if path.exists():
        return f"{path} is neither a file nor a link to one; copy the image itself there"
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, where no image is; copy the image itself there"
    return f"there is no image {path}; check the file name in the configuration or annotations"


class _Mistake(Exception):
    """What is wrong with a file that Pillow reads, and how that is mended."""


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Without Pillow's warnings of large images, which are limited here, and of what is wrong beside the pixels."""
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=_FORMATS) as image:
            yield image


def _pixels(path: Path, image: Image.Image, *, turns: bool) -> np.ndarray:
    return np.asarray(_upright(path, image, turns=turns).convert("RGB"))


def _upright(path: Path, image: Image.Image, *, turns: bool) -> Image.Image:
    """The image, turned where it is to be; _Mistake where its colours or its orientation cannot be used."""
    _check_colors(path, image)
    turn = _turn(image)
    if turn in _TURNED and not turns:
        raise _Mistake(
            f"is stored turned (EXIF orientation {turn}), so boxes and polygons may mean another image; "
            "turn the pixels, e.g. `convert in.jpg -auto-orient out.jpg`, and check the annotations"
        )
    upright = ImageOps.exif_transpose(image) if turn in _TURNED else image
    share = _transparent_share(upright)
    if share > 0:
        raise _Mistake(
            f"is transparent in {share:.2%} of its pixels, which have no colour; give them one, e.g. "
            "`convert in.png -background white -alpha remove -alpha off out.png`"
        )
    return upright


def _refuse_heic(path: Path) -> None:
    if _is_heic(path):
        raise _Mistake(
            "is a HEIC photo, which is not read here; convert it, e.g. `heif-convert in.heic out.jpg`, or let the phone "
            "save JPEG"
        )


def _check_size(path: Path, image: Image.Image) -> None:
    """By the header, before memory is taken for the pixels."""
    width, height = image.size
    if width * height > MAX_PIXELS or max(image.size) > MAX_SIDE_PX:
        raise _Mistake(
            f"has {width} x {height} pixels, but {MAX_SIDE_PX} a side and {MAX_PIXELS} in all are allowed; scale it down"
        )
    size = path.stat().st_size
    assert image.format is not None, "it was opened from a file"
    if width * height > size * _PIXELS_A_BYTE[image.format]:
        raise _Mistake(
            f"says that it has {width} x {height} pixels, which {size} bytes cannot hold; copy or export it again"
        )


def _check_colors(path: Path, image: Image.Image) -> None:
    if image.mode not in _MODES:
        raise _Mistake(
            f"has the colour mode {image.mode}, but 8-bit RGB or grey is needed; "
            "convert it, e.g. `convert in.tif -colorspace sRGB -depth 8 out.png`"
        )
    bits = bits_a_channel(path, image)
    if bits > 8:
        raise _Mistake(
            f"has {bits} bits a channel, but 8 are needed; convert it, e.g. `convert in.png -depth 8 out.png`"
        )


def _is_heic(path: Path) -> bool:
    """By the brands in its first box (ISO 14496-12), which AVIF has as well."""
    with path.open("rb") as file:
        start = file.read(32)
    return start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS and b"avif" not in start


def _turn(image: Image.Image) -> object:
    try:
        return image.getexif().get(_ORIENTATION, 1)
    # A damaged EXIF block says nothing; the pixels may be whole.
    except Exception:
        return 1


def bits_a_channel(path: Path, image: Image.Image) -> int:
    """From the header of a file and its opened image: Pillow reads 16-bit colour as 8 bits without a word."""
    if image.format == "PNG":
        with path.open("rb") as file:
            return file.read(25)[24]
    bits = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, 8)
    return max(bits) if isinstance(bits, tuple) else int(bits)


def _transparent_share(image: Image.Image) -> float:
    """Of the pixels; photos often have a channel for it in which all is opaque."""
    if not image.has_transparency_data:
        return 0.0
    alpha = np.asarray(image.convert("RGBA"))[..., 3]
    return float((alpha < 255).mean())


def jpeg_quality(path: Path) -> int | None:
    """The quality 1..100 that libjpeg's scaling of the standard table gives for a JPEG file, else None."""
    with _opened(path) as image:
        tables = getattr(image, "quantization", None)
    if not tables:
        return None
    percent = 100 * sum(tables[0]) / _STANDARD_LUMINANCE_SUM
    quality = (200 - percent) / 2 if percent <= 100 else 5000 / percent
    return int(np.clip(round(quality), 1, 100))


def read_mask(path: Path) -> np.ndarray:
    """uint8 [height, width] of instance numbers, 0 for the background."""
    mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert mask is not None and mask.ndim == 2 and mask.dtype == np.uint8, f"{path} is no instance mask"
    return mask


def write_png(path: Path, image: np.ndarray) -> None:
    """Write uint8 [h, w, 3] RGB or [h, w] grey losslessly; the same pixels give the same bytes.

    At OpenCV's own settings: level 3 took 2.7 times as long for files that were a seventh smaller.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_encode(image, ".png", []))


def write_png_at_once(path: Path, image: np.ndarray) -> None:
    """As write_png, but the file is there whole or not at all, whenever this is interrupted."""
    write_at_once(path, lambda partial: write_png(partial, image))


def write_at_once(path: Path, write: Callable[[Path], object]) -> None:
    """The file that `write` makes at the place it is given, there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the name, which may be as long as names can be.
    partial = path.with_name(f".{os.getpid()}.partial")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def encode_jpeg(image: np.ndarray, *, quality: int = 88) -> bytes:
    """JPEG bytes of uint8 [h, w, 3] RGB."""
    return _encode(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def _encode(image: np.ndarray, suffix: str, options: list[int]) -> bytes:
    bgr = image[..., ::-1] if image.ndim == 3 else image
    is_encoded, buffer = cv2.imencode(suffix, np.ascontiguousarray(bgr), options)
    assert is_encoded
    return buffer.tobytes()

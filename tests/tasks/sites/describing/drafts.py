"""Drawn photos, and drafts of sites that begin with them."""

from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image

from tasks.images.files import write_png
from tasks.sites.describing.draft import Draft, first_draft


def fisheye_photo(
    size_px: tuple[int, int], middle: tuple[float, float], radius: float, *, around: int = 0, seed: int = 0
) -> np.ndarray:
    """A mottled disc with a smooth edge on even surroundings; size_px is (width, height)."""
    width, height = size_px
    rng = np.random.default_rng(seed)
    mottle = cv2.resize(rng.uniform(40, 220, (height // 16, width // 16, 3)), size_px)
    rows, columns = np.mgrid[:height, :width] + 0.5
    inside = np.clip(radius - np.hypot(columns - middle[0], rows - middle[1]) + 0.5, 0, 1)[..., None]
    image = inside * mottle + (1 - inside) * around + rng.normal(0, 1.5, (height, width, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


def write_photo(path: Path, tags: dict[int, object], size_px: tuple[int, int] = (300, 200)) -> Path:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    Image.new("RGB", size_px, (90, 90, 90)).save(path, exif=exif)
    return path


def fisheye_draft(folder: Path, *, size_px: int = 400) -> Draft:
    path = folder / "empty_room.png"
    write_png(path, fisheye_photo((size_px, size_px), (size_px / 2, size_px / 2), size_px / 2 - 5))
    return first_draft(path)


def changed(draft: Draft, **fields: object) -> Draft:
    """As the page sends it: whole, as JSON."""
    return Draft.model_validate({**draft.model_dump(mode="json"), **fields})

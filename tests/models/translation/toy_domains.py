"""A toy pair of domains with a known map between them: orange blobs become blue ones with fine stripes."""

from collections.abc import Mapping

import numpy as np

from models.translation.domains import Domains, array_domain

OUTLINE, KEPT = 1, 2
BITS: Mapping[str, int] = {"outline": OUTLINE, "kept": KEPT}

SIDE_PX = 32
STRIPES = np.where(np.arange(SIDE_PX) % 4 < 2, 1.0, -1.0)[
    :, None
]  # two rows light, two rows dark: flips keep them
STRIPE_CONTRAST = 40.0  # grey levels, at the middle of a blob


def draw_blobs(count: int, *, seed: int) -> np.ndarray:
    """Heights [count, 32, 32] in 0..1 of three smooth blobs at random places."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    heights = np.zeros((count, SIDE_PX, SIDE_PX))
    for image in heights:
        for _ in range(3):
            centre_y, centre_x = rng.uniform(4, 28, 2)
            width = rng.uniform(3, 6)
            image += np.exp(-((y - centre_y) ** 2 + (x - centre_x) ** 2) / (2 * width**2))
    return heights.clip(0, 1)


def paint_synthetic(heights_nhw: np.ndarray) -> np.ndarray:
    """uint8 [n, 32, 32, 3]: orange blobs on dark grey."""
    return _paint(heights_nhw, (200, 80, 40))


def paint_real(heights_nhw: np.ndarray) -> np.ndarray:
    """The same blobs as the map shows them: blue, and striped as strongly as they are high."""
    return _paint(heights_nhw, (40, 80, 160), contrast=STRIPE_CONTRAST)


def stripe_contrast(images_nhwc: np.ndarray, heights_nhw: np.ndarray) -> float:
    """How strong the stripes of the map are in images, by least squares; 40 in `paint_real`, about 0 without."""
    texture = (STRIPES * heights_nhw)[..., None]
    return float((images_nhwc * texture).sum() / (3 * (texture**2).sum()))


def _paint(heights_nhw: np.ndarray, color: tuple[int, ...], *, contrast: float = 0.0) -> np.ndarray:
    values = 40 + heights_nhw[..., None] * np.array(color) + (contrast * STRIPES * heights_nhw)[..., None]
    return values.clip(0, 255).round().astype(np.uint8)


def domains_of(a_nhwc: np.ndarray, b_nhwc: np.ndarray, regions_nhw: np.ndarray | None = None) -> Domains:
    """Two domains of arrays; `regions_nhw` are those of a, in the bits OUTLINE and KEPT."""
    return Domains(
        array_domain("synthetic", a_nhwc, regions_nhw=regions_nhw, bits=BITS), array_domain("real", b_nhwc)
    )

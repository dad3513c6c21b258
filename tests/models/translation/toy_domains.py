"""A toy pair of domains with a known map between them: orange blobs become blue ones with fine stripes."""

import numpy as np

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

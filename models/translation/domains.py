"""What a translator learns from; importable without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.configs import require
from models.translation.sources import ArraySource, Source


@dataclass(frozen=True)
class Regions:
    """Maps uint8 [n, h, w] with a bit for each named region, such as {"outline": 1, "kept": 2}."""

    maps: Source
    bits: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Domain:
    """Images [n, height, width, channels]: uint8, or float16 that is in -1..1 already; and what is known of each.

    A domain's `name` is for messages. Regions, labels and pairs are in the order of the images and flipped with them.
    """

    name: str
    channels: int
    height: int
    width: int
    images: Source
    regions: Regions | None = None
    labels: Source | None = None  # uint8 [n, h, w]: the class of each pixel
    pairs: Source | None = (
        None  # as images, of any number of channels: the same scenes as another domain shows them
    )


@dataclass(frozen=True)
class ImageShapes:
    """Height and width of all images of a training, and the channels of each domain."""

    image_hw: tuple[int, int]
    channels: Mapping[str, int] = field(default_factory=lambda: {"a": 3, "b": 3})


@dataclass(frozen=True)
class Domains:
    """Two domains; images of `a` become like those of `b` and, in families that go both ways, those of `b` like `a`."""

    a: Domain
    b: Domain

    def named(self) -> dict[str, Domain]:
        return {"a": self.a, "b": self.b}

    @property
    def shapes(self) -> ImageShapes:
        return ImageShapes(
            (self.a.height, self.a.width), {name: domain.channels for name, domain in self.named().items()}
        )


def array_domain(
    name: str,
    images_nhwc: np.ndarray,
    *,
    regions_nhw: np.ndarray | None = None,
    bits: Mapping[str, int] | None = None,
) -> Domain:
    """A domain of arrays in memory, uint8 [n, h, w, c], and its regions where they are known.

    ValueError for an array that is no row of images.
    """
    require(
        images_nhwc.ndim == 4,
        f"The {name} images must be [n, height, width, channels], but were {list(images_nhwc.shape)}.",
    )
    height, width, channels = images_nhwc.shape[1:]
    return Domain(
        name=name,
        channels=channels,
        height=height,
        width=width,
        images=ArraySource(images_nhwc),
        regions=Regions(ArraySource(regions_nhw), bits or {}) if regions_nhw is not None else None,
    )

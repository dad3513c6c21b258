"""How much training images may change; importable without torch."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, get_args

from models.configs import require

IGNORE_LABEL = 255  # of pixels of which nothing is known
Rotation = Literal["none", "half_turn", "quarter_turn", "any"]


@dataclass(frozen=True, kw_only=True)
class PhotometricConfig:
    """Changes of light, colour and sharpness, drawn anew for every image.

    Ranges are half-widths around no change; 0 switches a change off.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    brightness: float = 0.2  # added, in units of the full range
    contrast: float = 0.4  # log2 of the factor
    gamma: float = 0.5  # log2 of the exponent
    color_gain: float = 0.15  # log2 of the factor of each channel
    saturation: float = 0.5  # weight of the image against its grey version: 1 +- this; of RGB images only
    blur_probability: float = 0.2  # of an image
    blur_max_sigma_px: float = 1.5  # standard deviation of a blur is drawn evenly up to this
    noise_probability: float = 0.3  # of an image
    noise_max_sigma: float = 0.04  # in units of the full range

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            require(value >= 0, f"photometric.{field.name} must be >= 0, but was {value}; 0 switches it off.")
            if field.name.endswith("probability"):
                require(value <= 1, f"photometric.{field.name} must be <= 1, but was {value}.")


@dataclass(frozen=True, kw_only=True)
class GeometricConfig:
    """Changes of how an image lies, drawn anew for every image; the defaults only flip.

    A flip and a turn make each of the eight ways in which a square can lie.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    flip_probability: float = 0.5  # of an image, left to right
    # half_turn: by 0 or 180 degrees; quarter_turn: by 0, 90, 180 or 270; any: by any angle
    rotation: Rotation = "none"
    tilt_deg: float = 0.0  # half-width of a further turn
    shear_deg: float = 0.0  # half-width of the angle by which upright lines lean
    smallest_scale: float = 1.0  # below 1 leaves a border of which nothing is known
    largest_scale: float = 1.0  # above 1 shows a part of the image
    crop_hw: tuple[int, int] | None = (
        None  # size that comes out, of a place drawn anew; None: the image's own
    )

    def __post_init__(self) -> None:
        require(
            0 <= self.flip_probability <= 1,
            f"geometric.flip_probability must be in 0..1, but was {self.flip_probability}.",
        )
        require(
            self.rotation in get_args(Rotation),
            f"geometric.rotation must be one of {', '.join(get_args(Rotation))}, but was {self.rotation!r}.",
        )
        require(0 <= self.tilt_deg <= 180, f"geometric.tilt_deg must be in 0..180, but was {self.tilt_deg}.")
        require(0 <= self.shear_deg <= 45, f"geometric.shear_deg must be in 0..45, but was {self.shear_deg}.")
        require(
            0 < self.smallest_scale <= self.largest_scale,
            "geometric.smallest_scale must be above 0 and not above largest_scale, but they were "
            f"{self.smallest_scale} and {self.largest_scale}.",
        )
        require(
            self.crop_hw is None or min(self.crop_hw) >= 1,
            f"geometric.crop_hw must be >= 1 px a side, but was {self.crop_hw}.",
        )

"""What may vary in the sample office, and how finely it is rendered."""

from pydantic import BaseModel, ConfigDict, Field

from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pose_settings import PoseSettings

Range = tuple[float, float]

# The staff of the office dress unlike the people of the synthetic images: darker, plainer, longer sleeves.
OFFICE_STAFF = PeopleSettings(
    fabric_saturation_std=0.22,
    fabric_value_mean=0.42,
    fabric_value_std=0.27,
    plain_fabric_fraction=0.5,
    dark_trousers_fraction=0.8,
    skirt_fraction_of_women=0.12,
    shorts_fraction=0.03,
    jacket_fraction=0.3,
    long_sleeve_fraction=0.65,
    grey_hair_fraction=0.2,
)


class PhotoSettings(BaseModel):
    """Size and rendering of a photo, and the ranges (least, most) of what its cheap ceiling camera does to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width_px: int = Field(default=448, ge=64)
    height_px: int = Field(default=336, ge=64)
    samples: int = Field(default=5, ge=1)
    max_bounces: int = Field(default=3, ge=1)
    denoise: bool = True
    exposure_ev: Range = (-0.25, 0.25)
    white_balance_spread: float = Field(default=0.04, ge=0)
    lens_blur_px: Range = (0.45, 0.75)
    vignetting: Range = (0.12, 0.3)
    full_well_electrons: Range = (900.0, 2500.0)
    read_noise_electrons: Range = (2.0, 6.0)
    sharpening: Range = (0.3, 0.8)
    jpeg_quality: tuple[int, int] = (68, 86)


class SampleSiteSettings(PhotoSettings):
    """Photos of the sample office, and who is in them."""

    num_people: tuple[int, int] = (1, 5)
    sitting_fraction: float = Field(default=0.65, ge=0, le=1)
    people: PeopleSettings = OFFICE_STAFF
    poses: PoseSettings = PoseSettings(jitter_factor=1.3)

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

    width_px: int = Field(default=448, ge=64)  # width of a photo
    height_px: int = Field(default=336, ge=64)  # height of a photo
    # light paths for each pixel; more is less noisy and takes as much longer
    samples: int = Field(default=5, ge=1)
    # how often light is reflected at most; fewer is darker in corners and faster
    max_bounces: int = Field(default=3, ge=1)
    denoise: bool = True  # remove the rendering's own noise, before the camera adds its own
    # by how many stops the automatic exposure misses; -1 is half as bright
    exposure_ev: Range = (-0.25, 0.25)
    # standard deviation of each colour channel's gain around 1
    white_balance_spread: float = Field(default=0.04, ge=0)
    lens_blur_px: Range = (0.45, 0.75)  # standard deviation of the lens's blur
    vignetting: Range = (0.12, 0.3)  # share of light that the corners lose
    full_well_electrons: Range = (900.0, 2500.0)  # electrons of a white pixel in good light; fewer is noisier
    read_noise_electrons: Range = (2.0, 6.0)  # standard deviation of the noise in the dark
    sharpening: Range = (0.3, 0.8)  # strength of the camera's own sharpening; 0 is none
    jpeg_quality: tuple[int, int] = (68, 86)  # (least, most) of 1 to 100; lower shows more blocks


class SampleSiteSettings(PhotoSettings):
    """Photos of the sample office, and who is in them."""

    num_people: tuple[int, int] = (1, 5)  # people in a photo, (least, most)
    # chance that the next person takes a seat; the others stand
    sitting_fraction: float = Field(default=0.65, ge=0, le=1)
    # looks of the staff, unlike those of the synthetic people on purpose
    people: PeopleSettings = OFFICE_STAFF
    poses: PoseSettings = PoseSettings(jitter_factor=1.3)  # how the staff sit and stand

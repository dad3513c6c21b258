"""How many streets there are, what is in them, and how they are photographed."""

from typing import Literal

from pydantic import Field, model_validator

from blender_assets.sample_site.settings import PhotoSettings, Range

TimeOfDay = Literal["day", "dusk", "night"]


class StreetSettings(PhotoSettings):
    """Photos of sample streets from a driving car; lengths in metres, ranges are (least, most)."""

    sequences: int = Field(default=20, ge=1)  # streets; no two are alike
    frames_per_sequence: int = Field(default=8, ge=1)  # of one street, while the car drives on
    times: tuple[TimeOfDay, ...] = (
        "day",
        "dusk",
        "night",
    )  # every frame is taken at each, with the same labels
    wet_fraction: float = Field(default=0.3, ge=0, le=1)  # chance that a street is wet
    # factor on how many vehicles are on the street; 0 is empty, 1 a town by day
    traffic_density: float = Field(default=1.0, ge=0, le=2)
    # factor on how many people walk there
    pedestrian_density: float = Field(default=1.0, ge=0, le=2)
    speed_m_s: Range = (5.0, 10.0)  # of the car with the camera
    frame_interval_s: float = Field(default=0.5, gt=0, le=2)  # between two frames of a sequence
    hfov_deg: Range = (60.0, 90.0)  # one a street, as each has a camera of its own
    camera_height_m: Range = (1.3, 1.5)  # above the road
    camera_tilt_deg: Range = (86.0, 90.0)  # 90 looks level ahead
    width_px: int = Field(default=256, ge=64)  # width of a photo
    height_px: int = Field(default=128, ge=32)  # height of a photo
    samples: int = Field(default=8, ge=1)
    max_bounces: int = Field(default=2, ge=1)
    lens_blur_px: Range = (0.3, 0.55)
    vignetting: Range = (0.05, 0.2)
    full_well_electrons: Range = (1500.0, 4000.0)
    jpeg_quality: tuple[int, int] = (78, 92)

    @model_validator(mode="after")
    def _times_and_drive_are_possible(self) -> "StreetSettings":
        if not self.times or len(set(self.times)) < len(self.times):
            raise ValueError(
                f"times must name at least one of day, dusk and night, each once, but was {self.times}"
            )
        drive_m = self.speed_m_s[1] * self.frame_interval_s * self.frames_per_sequence
        if drive_m > LONGEST_DRIVE_M:
            raise ValueError(
                f"the car would drive {drive_m:g} m, but a street has {LONGEST_DRIVE_M:g} m for it; "
                "lower frames_per_sequence, speed_m_s or frame_interval_s"
            )
        return self


LONGEST_DRIVE_M = 120.0

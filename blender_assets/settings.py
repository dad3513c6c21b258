"""What may vary from scene to scene, and how finely it is rendered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.people import PeopleSettings

Range = tuple[float, float]
Count = tuple[int, int]
RenderDevice = Literal["cpu", "cuda", "optix"]


class RenderSettings(BaseModel):
    """All ranges are (least, most); people counts include both ends."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sitting_people: Count = (0, 2)
    standing_people: Count = (1, 3)
    people: PeopleSettings = Field(default_factory=lambda: PeopleSettings.model_validate({}))
    device: RenderDevice = "cpu"  # another device gives other last bits
    samples: int = Field(default=8, ge=1, le=4096)
    denoise: bool = True
    num_lights: Count = (1, 3)
    light_height_m: Range = (2.6, 4.0)
    light_size_m: Range = (0.4, 1.2)
    light_distance_m: Range = (0.5, 2.5)
    light_warmth: Range = (0.0, 0.3)
    light_share: Range = (0.4, 0.75)
    exposure_gain: Range = (0.8, 1.25)
    shadow_strength: Range = (0.8, 1.0)
    blur_px: Range = (0.3, 0.7)
    catcher_margin_m: float = Field(default=1.0, ge=0.3)
    min_share_in_image: float = Field(default=0.6, ge=0, le=1)
    table_share: float = Field(default=0.75, ge=0, le=1)
    placement_tries: int = Field(default=60, ge=1)

    @model_validator(mode="after")
    def _ranges_ascend(self) -> "RenderSettings":
        for name, value in self:
            if isinstance(value, tuple) and not 0 <= value[0] <= value[1]:
                raise ValueError(
                    f"{name} must be (least, most) with 0 <= least <= most, but was {value}; "
                    "swap or mend its ends"
                )
        if self.num_lights[1] > MAX_LIGHTS:
            raise ValueError(f"num_lights must be at most {MAX_LIGHTS}, but was {self.num_lights}; lower it")
        if self.sitting_people[1] + self.standing_people[1] > MAX_PEOPLE:
            raise ValueError(
                f"sitting_people and standing_people allow {self.sitting_people[1]} + {self.standing_people[1]}, "
                f"but a scene holds at most {MAX_PEOPLE} people; lower them"
            )
        return self


# Cycles gives other pixels when lights are deleted and made again, so a fixed pool is reused.
MAX_LIGHTS = 4
# Masks have 8 bits, and half of their values belong to furniture while rendering.
MAX_PEOPLE = 100

"""What may vary from scene to scene, and how finely it is rendered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.annotation_settings import AnnotationSettings
from blender_assets.crowd_settings import CrowdSettings
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pose_settings import PoseSettings
from blender_assets.people.support import PoseKind
from blender_assets.sensor import SensorSettings

Range = tuple[float, float]
Count = tuple[int, int]
RenderDevice = Literal["cpu", "cuda", "optix"]


class RenderSettings(BaseModel):
    """All ranges are (least, most); people counts include both ends."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sitting_people: Count = (0, 2)  # people in a scene who sit; the thesis has 1 to 5
    standing_people: Count = (1, 3)  # people in a scene who stand or walk; the thesis has 0 to 4
    lying_people: Count = (0, 0)  # people in a scene who lie on the floor
    crowd: CrowdSettings = CrowdSettings()  # groups in talk, and how near the floor's edge people stand
    poses: PoseSettings = PoseSettings()  # what people do, and motion capture
    # bodies, skin, clothes, faces and accessories
    people: PeopleSettings = Field(default_factory=lambda: PeopleSettings.model_validate({}))
    sensor: SensorSettings = SensorSettings()  # blur, noise and JPEG of the camera, put on the people
    device: RenderDevice = "cpu"  # another device gives other last bits
    annotations: AnnotationSettings = AnnotationSettings()  # what is annotated besides boxes
    # light paths for each pixel; more is less noisy and takes as much longer; the thesis has 350
    samples: int = Field(default=8, ge=1, le=4096)
    denoise: bool = True  # remove the rendering's noise; without it samples must be many
    num_lights: Count = (1, 3)  # lamps near the people, besides the even light from all around; at most 4
    light_height_m: Range = (2.6, 4.0)  # metres of a lamp above the floor
    light_size_m: Range = (0.4, 1.2)  # edge of a square lamp in metres; larger gives softer shadows
    light_distance_m: Range = (0.5, 2.5)  # metres from the middle of the people to the spot below a lamp
    # part of the blue that a lamp lacks, on top of the photo's own tint; 0 is neutral
    light_warmth: Range = (0.0, 0.3)
    light_share: Range = (0.6, 0.85)  # part of all light that comes from the lamps; more gives harder shadows
    exposure_gain: Range = (0.8, 1.25)  # factor on the brightness of people that the photo suggests
    # exponent on the light of people, 1 for a plain camera, more for a hard one; None: from the photo's black and white
    contrast: float | None = Field(default=None, ge=0.3, le=3)
    shadow_strength: Range = (0.8, 1.0)  # factor on the shadows that people cast on the photo; 0 is none
    # metres around people in which the floor takes their shadow
    catcher_margin_m: float = Field(default=1.0, ge=0.3)
    # share of a body, and of its head, that must lie within the picture
    min_share_in_image: float = Field(default=0.6, ge=0, le=1)
    # chance that a sitting person takes a seat of the photo, while one is free; the others bring a chair
    seat_share: float = Field(default=1.0, ge=0, le=1)
    # chance that a sitting person without a seat of the photo is put at a table, where there are some
    table_share: float = Field(default=0.75, ge=0, le=1)
    # spots tried for a person or a group before it is left out; more fits more people, and takes longer
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
        return self

    @model_validator(mode="after")
    def _people_are_some_but_not_too_many(self) -> "RenderSettings":
        most = [self.sitting_people[1], self.standing_people[1], self.lying_people[1]]
        if sum(most) == 0:
            raise ValueError(
                "sitting_people, standing_people and lying_people are all at most 0, so that every scene is the "
                "bare photo; raise one of them, e.g. standing_people: [1, 3]"
            )
        if sum(most) > MAX_PEOPLE:
            raise ValueError(
                f"sitting_people, standing_people and lying_people allow {' + '.join(map(str, most))}, "
                f"but a scene holds at most {MAX_PEOPLE} people; lower them"
            )
        return self

    def counts(self, kind: PoseKind) -> Count:
        """(least, most) people of a kind."""
        return {"sitting": self.sitting_people, "standing": self.standing_people, "lying": self.lying_people}[
            kind
        ]


# Cycles gives other pixels when lights are deleted and made again, so a fixed pool is reused.
MAX_LIGHTS = 4
# Masks have 8 bits, and half of their values belong to furniture while rendering.
MAX_PEOPLE = 100

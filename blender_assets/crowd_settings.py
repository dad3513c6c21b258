"""How the people of a scene stand to one another and to the walls."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class CrowdSettings(BaseModel):
    """Ranges are (least, most). Distances between neighbours in talk are 0.45 to 1.2 m among acquaintances (Hall, 1966)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # chance that the next standing people form a group
    grouped_fraction: float = Field(default=0.35, ge=0, le=1)
    # people who stand in a circle and talk, (least, most), within 2 to 8
    group_size: tuple[int, int] = (2, 4)
    # metres between neighbours of a group, (least, most), within 0.4 to 3
    group_distance_m: tuple[float, float] = (0.65, 1.2)
    keeps_whole_body_over_floor: bool = True  # nobody leans into the wall at the floor's edge

    @model_validator(mode="after")
    def _groups_are_possible(self) -> "CrowdSettings":
        least, most = self.group_size
        if not 2 <= least <= most <= 8:
            raise ValueError(
                f"group_size must be (least, most) within 2 to 8 people, but was {self.group_size}"
            )
        near_m, far_m = self.group_distance_m
        if not 0.4 <= near_m <= far_m <= 3:
            raise ValueError(
                f"group_distance_m must be (least, most) within 0.4 to 3 m, but was {self.group_distance_m}; "
                "people nearer than 0.4 m touch"
            )
        return self

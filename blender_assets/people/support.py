"""What a person sits on and leans over, in the person's own space (facing -y)."""

from dataclasses import dataclass
from typing import Literal

PoseKind = Literal["standing", "sitting", "lying"]


@dataclass(frozen=True)
class Desk:
    """A table in front: its top's height above the floor and its edge's distance from under the pelvis."""

    height_m: float
    edge_m: float


@dataclass(frozen=True)
class Support:
    """seat_height_m None means a seat that suits the body; is_in_company rules out walking off."""

    seat_height_m: float | None = None
    desk: Desk | None = None
    is_in_company: bool = False


NO_SUPPORT = Support()

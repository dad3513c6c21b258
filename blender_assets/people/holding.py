"""What people may hold, and where: a pose says what its hands are ready for."""

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

HeldThing = Literal["phone", "cup", "papers", "box", "laptop"]
HoldPlace = Literal["L", "R", "both", "lap", "under the arm L", "under the arm R"]


class Hold(BaseModel):
    """A place for a thing: a hand, between both hands, on the thighs, or between arm and trunk."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    place: HoldPlace
    things: tuple[HeldThing, ...]  # each as likely as it is named


def mirrored(hold: Hold | None) -> Hold | None:
    """The same on the other side."""
    if hold is None:
        return None
    other: dict[HoldPlace, HoldPlace] = {
        "L": "R", "R": "L", "under the arm L": "under the arm R", "under the arm R": "under the arm L",
    }  # fmt: skip
    return Hold(place=other.get(hold.place, hold.place), things=hold.things)


def draw_held(rng: np.random.Generator, hold: Hold | None, *, fraction: float) -> HeldThing | None:
    """None where the pose is ready for nothing, and for some whose pose is. Two numbers are drawn in any case."""
    chance, part = rng.random(2)
    if hold is None or chance >= fraction:
        return None
    return hold.things[int(part * len(hold.things))]

"""What people may hold, and where: a pose says what its hands are ready for."""

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

HeldThing = Literal["phone", "cup", "papers", "box", "laptop"]
HoldPlace = Literal["L", "R", "both", "lap", "under the arm L", "under the arm R"]
# What each place has a shape and a place for in `held`.
FITTING: dict[HoldPlace, tuple[HeldThing, ...]] = {
    "L": ("phone", "cup"),
    "R": ("phone", "cup"),
    "both": ("phone", "papers", "box"),
    "lap": ("laptop",),
    "under the arm L": ("laptop",),
    "under the arm R": ("laptop",),
}


class Hold(BaseModel):
    """A place for a thing: a hand, between both hands, on the thighs, or between arm and trunk."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    place: HoldPlace
    things: tuple[HeldThing, ...]  # each as likely as it is named

    @model_validator(mode="after")
    def _things_fit(self) -> "Hold":
        wrong = [thing for thing in self.things if thing not in FITTING[self.place]]
        if wrong or not self.things:
            raise ValueError(
                f"things held in {self.place!r} must be of {list(FITTING[self.place])}, but were {list(self.things)}"
            )
        return self


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

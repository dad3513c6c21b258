"""How a trained network is applied: on what, in which arithmetic, how much at once."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from models.arithmetic.precision import settle
from models.configs import DeviceName, Precision


class AppliedNetworkConfig(BaseModel):
    """What of it enters the key of what a network makes: another precision may give other results."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(default=8, ge=1)  # images at once
    threads: int = Field(default=1, ge=1)  # of the CPU
    device: DeviceName = "auto"  # auto: a GPU where there is one
    precision: Precision = "auto"  # in which the network is applied, whatever it was trained in

    def settled(self) -> Self:
        """The same with the precision that `auto` is on this machine."""
        return self.model_copy(update={"precision": settle(self.precision, self.device)})

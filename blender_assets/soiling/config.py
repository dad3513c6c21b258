"""What soiling is drawn: kinds, how much of the image they cover, and how each of them looks."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from blender_assets.soiling.drop_shapes import DropsConfig
from blender_assets.soiling.dust import DustConfig
from blender_assets.soiling.film import FilmConfig
from blender_assets.soiling.frost import FrostConfig
from blender_assets.soiling.layers import Kind
from blender_assets.soiling.mud import MudConfig
from blender_assets.soiling.pane import PaneConfig
from blender_assets.soiling.scratches import ScratchesConfig


class SoilingConfig(BaseModel):
    """One pattern of soiling; lengths of the kinds are in mm on the pane, which `pane` places before the lens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[Kind, float] = Field(default={"mud": 1.0})  # shares of the soiling, of any sum
    # share of the pixels that the lens lights up which are to be soiled: alpha above 0.02
    amount: float = Field(default=0.3, ge=0, le=0.95)
    pane: PaneConfig = PaneConfig()  # where soiling lies before the lens, and how blurred it is
    mud: MudConfig = MudConfig()  # splashes with tails, opaque in the middle
    dust: DustConfig = DustConfig()  # grains, brighter than what they hide where light falls on them
    film: FilmConfig = FilmConfig()  # grease that was wiped
    scratches: ScratchesConfig = ScratchesConfig()  # lines in the glass that glare
    drops: DropsConfig = DropsConfig()  # water, through which the scene is seen refracted
    frost: FrostConfig = FrostConfig()  # needles of ice, from the rim inwards

    @field_validator("kinds")
    @classmethod
    def _has_shares(cls, kinds: dict[Kind, float]) -> dict[Kind, float]:
        if not kinds or min(kinds.values()) < 0 or sum(kinds.values()) <= 0:
            raise ValueError(
                f"kinds must have shares >= 0, one of them > 0, e.g. {{mud: 1, drops: 2}}, but was {kinds}"
            )
        return kinds

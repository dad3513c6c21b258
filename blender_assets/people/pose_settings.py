"""Which poses people take: weights of activities, jitter, and the user's motion capture."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.people.clip_up import UpAxis
from blender_assets.people.support import PoseKind


class MocapFile(BaseModel):
    """A BVH clip whose frames some people take as their pose."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: str  # the clip (.bvh), absolute or relative to the configuration's file
    # what people of this clip do: where they are placed and counted follows from it
    kind: PoseKind = "standing"
    # of the people of that kind who are neither in a group nor at a desk: those take poses that suit (see
    # crowd.grouped_fraction, table_share)
    share: float = Field(default=0.3, gt=0, le=1)
    # our joints by the names in the file, e.g. {hips: Hips}; empty for skeletons whose names are known
    joint_map: dict[str, str] = {}
    # the axis of the file that points up, e.g. y or -z; auto: told by the frames, or refused where they do not tell
    up: UpAxis = "auto"
    # counted from 0; None: the second, as a clip often begins with a T-pose, or the only one
    first_frame: int | None = Field(default=None, ge=0)
    last_frame: int | None = Field(default=None, ge=0)  # None: to the clip's end

    @property
    def name(self) -> str:
        return Path(self.path).name


class PoseSettings(BaseModel):
    """What people do, and how much two of them differ in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # how often an activity is drawn, e.g. {walking: 3}: 1 where it is not named, 0 for never
    activity_weights: dict[str, float] = {}
    # how far joints turn from their pose: 0 not at all, 1 as usual, larger more
    jitter_factor: float = Field(default=1.0, ge=0, le=3)
    mocap: tuple[MocapFile, ...] = ()  # clips of motion capture, from which some people take their pose

    @model_validator(mode="after")
    def _weights_and_shares_are_sane(self) -> "PoseSettings":
        for activity, weight in self.activity_weights.items():
            if not 0 <= weight < float("inf"):
                raise ValueError(
                    f"activity_weights.{activity} must be >= 0, but was {weight}; 0 leaves the activity out"
                )
        for kind in ("standing", "sitting", "lying"):
            total = sum(file.share for file in self.mocap if file.kind == kind)
            if total > 1 + 1e-9:
                raise ValueError(
                    f"mocap: the shares of {kind} clips sum to {total:g}, but at most 1 is allowed; lower them"
                )
        names = [file.name for file in self.mocap]
        if len(set(names)) < len(names):
            raise ValueError(f"mocap names two files alike, {sorted(names)}; rename one of them")
        return self

    def placed(self, folder: Path) -> "PoseSettings":
        """The same settings with the clips' places taken from a folder."""
        return self._with_paths({file.path: str(folder / file.path) for file in self.mocap})

    def without_places(self) -> "PoseSettings":
        """The same settings, naming clips without their folders: a place is no identity."""
        return self._with_paths({file.path: file.name for file in self.mocap})

    def with_files(self, files: Mapping[str, Path]) -> "PoseSettings":
        """The same settings with the clips' places filled in by name."""
        return self._with_paths({file.path: str(files[file.name]) for file in self.mocap})

    def _with_paths(self, paths: dict[str, str]) -> "PoseSettings":
        files = tuple(file.model_copy(update={"path": paths[file.path]}) for file in self.mocap)
        return self.model_copy(update={"mocap": files})

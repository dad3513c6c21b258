"""Random furnished rooms, photographed empty: backgrounds for a detector that is to know people in no one place."""

import json
import shutil
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.sample_site.settings import PhotoSettings
from tasks.building.child_process import run_child
from tasks.building.steps import step

_SILENCE_S = 300.0


class RoomsConfig(BaseModel):
    """How many rooms there are, and how many of them only validate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: int = Field(default=160, ge=1)  # rooms that the detector learns from
    held_out: int = Field(default=20, ge=1)  # rooms that only validate
    rooms_per_shard: int = Field(default=20, ge=1)  # rooms that one child process photographs
    leave_out: tuple[int, ...] = ()  # numbers of rooms, e.g. too full for people
    seed: int = Field(default=0, ge=0)  # another one has other rooms
    photo: PhotoSettings = PhotoSettings()  # size, rendering and flaws of the photos


class RoomsShard(BaseModel):
    """What decides the photos of some rooms: a room depends on the seed and its number alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rooms: tuple[int, ...]
    seed: int
    photo: PhotoSettings


class AssemblyConfig(BaseModel):
    """Which rooms a site leaves out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leave_out: tuple[int, ...] = ()


def room_shards(config: RoomsConfig) -> tuple[list[RoomsShard], list[RoomsShard]]:
    """Shards of the rooms that train, and of those that are held out; no shard holds both."""
    held_out = range(config.held_out)
    train = range(config.held_out, config.held_out + config.train)
    return _shards(config, train), _shards(config, held_out)


def _shards(config: RoomsConfig, numbers: range) -> list[RoomsShard]:
    size = config.rooms_per_shard
    parts = [tuple(numbers[start : start + size]) for start in range(0, len(numbers), size)]
    return [RoomsShard(rooms=part, seed=config.seed, photo=config.photo) for part in parts]


@step("rooms", libraries=("bpy", "numpy", "opencv-python-headless", "openexr"))
def photograph_rooms(out: Path, config: RoomsShard) -> None:
    """A photo of every room, and `rooms.json` with the cameras as a site file describes them."""
    spec = {
        "photo": config.photo.model_dump(mode="json"),
        "seed": config.seed,
        "rooms": list(config.rooms),
        "out": str(out),
        "threads": 1,
    }
    run_child("blender_assets.random_rooms", spec, timeout_s=_SILENCE_S)


@step("rooms-site", libraries=("pyyaml",))
def assemble_rooms(out: Path, config: AssemblyConfig, shards: list[Path]) -> None:
    """`site.yaml` with a camera and a background a room, as a user would write it."""
    left_out = {f"room_{number:04d}" for number in config.leave_out}  # as the child names them
    cameras, backgrounds = {}, []
    for folder in shards:
        for room in json.loads((folder / "rooms.json").read_text(encoding="utf-8"))["rooms"]:
            if room["name"] in left_out:
                continue
            photo = f"{room['name']}.jpg"
            shutil.copyfile(folder / photo, out / photo)
            cameras[room["name"]] = room["camera"]
            backgrounds.append({"image": photo, "camera": room["name"]})
    site = {"name": "random rooms", "cameras": cameras, "backgrounds": backgrounds}
    (out / "site.yaml").write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")

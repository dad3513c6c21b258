"""The child process that photographs random rooms: python -m blender_assets.random_rooms SPEC.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.both_sides.child_protocol import Report, serve
from blender_assets.random_rooms.camera import describe, draw_camera
from blender_assets.random_rooms.layout import Room, draw_room
from blender_assets.random_rooms.solids import build_panes, build_room
from blender_assets.sample_site.cameras import MountedCamera
from blender_assets.sample_site.sensor import compress_jpeg, draw_sensor, photograph
from blender_assets.sample_site.settings import PhotoSettings
from blender_assets.sample_site.stage import Stage, render_stage, seen_pixels

_LAMP_SIZE_M = (1.2, 0.35)


class RoomsSpec(BaseModel):
    """Rooms by number: a room depends on the seed and its own number alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    photo: PhotoSettings
    seed: int = Field(ge=0)
    rooms: list[int]
    out: Path
    threads: int = Field(default=1, ge=1)


def stand_in(room: Room, mounted: MountedCamera, spec: RoomsSpec) -> Stage:
    """The room under its lamps, with daylight from its windows."""
    stage = Stage(mounted, spec.photo, threads=spec.threads)
    stage.add_solids("room", [*build_room(room), *build_panes(room)])
    lamp_w, lamp_color = room.lamp
    for x, y in room.lamps_xy:
        position = np.array([x, y, room.ceiling_m - 0.04])
        stage.add_area(position, _LAMP_SIZE_M, lamp_w, lamp_color, faces_room=False)
    power, color = room.daylight
    for window in room.windows if power else ():
        position = np.array([window.x, room.size_m[1] - 0.03, window.z])
        stage.add_area(position, window.size_m, power, color, faces_room=True)
    return stage


def take_photo(number: int, spec: RoomsSpec) -> dict[str, Any]:
    """Writes the JPEG of one empty room; returns its name and the camera's entry for a site file."""
    rng = np.random.default_rng([spec.seed, number])
    room = draw_room(rng)
    mounted = draw_camera(room, spec.photo.width_px, spec.photo.height_px, rng)
    stage = stand_in(room, mounted, spec)
    stage.scene.cycles.seed = int(rng.integers(2**31))
    sensor = draw_sensor(rng, spec.photo, gain=float(rng.uniform(0.7, 2.2)))
    radiance, _ = render_stage(stage)
    image = photograph(radiance, seen_pixels(mounted), sensor, rng)
    name = f"room_{number:04d}"
    (spec.out / f"{name}.jpg").write_bytes(compress_jpeg(image, sensor.jpeg_quality))
    return {"name": name, "camera": describe(room, mounted)}


def take_photos(content: dict[str, Any], report: Report) -> None:
    """Every room of the spec, then `rooms.json`."""
    spec = RoomsSpec.model_validate(content)
    records = []
    for done, number in enumerate(spec.rooms, start=1):
        records.append(take_photo(number, spec))
        report(done, len(spec.rooms), "")
    (spec.out / "rooms.json").write_text(json.dumps({"rooms": records}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    serve(take_photos)

"""The child process that drives through sample streets: python -m blender_assets.sample_street SPEC.json."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.both_sides.child_protocol import Report, serve
from blender_assets.people.body import BodyBasis, load_body_basis
from blender_assets.sample_site.sensor import compress_jpeg
from blender_assets.sample_street.lighting import illuminate
from blender_assets.sample_street.photo import adjust_camera, take_photo
from blender_assets.sample_street.records import (
    FOLDERS,
    FrameMaps,
    describe_camera,
    describe_things,
    file_names,
    make_maps,
    write_files,
)
from blender_assets.sample_street.settings import StreetSettings, TimeOfDay
from blender_assets.sample_street.stage import StreetStage
from blender_assets.sample_street.street import draw_street

_NUMBER_OF_TIME: dict[TimeOfDay, int] = {"day": 0, "dusk": 1, "night": 2}
_SENSOR_STREAM = 100  # apart from the streams of a street


class SampleStreetSpec(BaseModel):
    """Streets by number: one depends on the seed, its own number and the settings alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_basis: Path
    settings: StreetSettings = StreetSettings()
    seed: int = Field(ge=0)
    sequences: list[int] = Field(min_length=1)
    out: Path
    threads: int = Field(default=1, ge=1)


def photo_rng(seed: int, sequence: int, frame: int, time: TimeOfDay) -> np.random.Generator:
    """Depends on the photo alone, not on those that were taken before."""
    return np.random.default_rng([seed, sequence, _SENSOR_STREAM, frame, _NUMBER_OF_TIME[time]])


def take_frame(
    stage: StreetStage, sequence: int, frame: int, spec: SampleStreetSpec
) -> Iterator[dict[str, Any]]:
    """Writes one frame at every time of day; yields a record for each photo."""
    pose = stage.set_frame(frame)
    numbers, depth_m = stage.render_labels()
    maps = make_maps(numbers, depth_m, stage.classes, stage.first_thing)
    about = {
        "sequence": sequence,
        "frame": frame,
        "seed": spec.seed,
        "is_wet": stage.street.plan.is_wet,
        "width": spec.settings.width_px,
        "height": spec.settings.height_px,
        "camera": describe_camera(stage.street.camera, pose),
        "things": describe_things(maps),
    }
    for time in spec.settings.times:
        yield about | take_at(stage, (sequence, frame, time), maps, spec)


def take_at(
    stage: StreetStage, moment: tuple[int, int, TimeOfDay], maps: FrameMaps, spec: SampleStreetSpec
) -> dict[str, Any]:
    """Writes the photo and the maps of (sequence, frame, time); what of the record depends on the time."""
    sequence, frame, time = moment
    rng = photo_rng(spec.seed, *moment)
    light = illuminate(time, stage.street.weather)
    sensor = adjust_camera(light, spec.settings, photo_rng(spec.seed, sequence, 0, time))
    stage.set_light(light)
    radiance = stage.render_radiance(cycles_seed=int(rng.integers(2**31)))
    image = take_photo(radiance, sensor, rng)
    name = f"{sequence:03d}_{frame:03d}_{time}"
    write_files(spec.out, name, compress_jpeg(image, sensor.jpeg_quality), maps)
    return {"name": name, "time": time, "files": file_names(name), "sensor": sensor.as_parameters()}


def drive_through(sequence: int, spec: SampleStreetSpec, basis: BodyBasis) -> Iterator[dict[str, Any]]:
    """One street from its first frame to its last."""
    street = draw_street(spec.seed, sequence, spec.settings, basis)
    stage = StreetStage(street, spec.settings, threads=spec.threads)
    for frame in range(spec.settings.frames_per_sequence):
        yield from take_frame(stage, sequence, frame, spec)


def take_sequences(content: dict[str, Any], report: Report) -> None:
    """All photos of the asked streets; street.json comes last, with a record of each."""
    spec = SampleStreetSpec.model_validate(content)
    basis = load_body_basis(spec.body_basis)
    for folder in FOLDERS.values():
        (spec.out / folder).mkdir(parents=True, exist_ok=True)
    total = len(spec.sequences) * spec.settings.frames_per_sequence * len(spec.settings.times)
    records: list[dict[str, Any]] = []
    for sequence in spec.sequences:
        for record in drive_through(sequence, spec, basis):
            records.append(record)
            report(len(records), total, "")
    partial = spec.out / "street.json.partial"
    partial.write_text(json.dumps({"photos": records}, indent=1), encoding="utf-8")
    partial.replace(spec.out / "street.json")


if __name__ == "__main__":
    serve(take_sequences)

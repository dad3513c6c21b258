"""The child process that takes shots of the office: python -m blender_assets.sample_site SPEC.json."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.annotation import annotate_people
from blender_assets.annotation_settings import AnnotationSettings
from blender_assets.both_sides.child_protocol import Report, serve
from blender_assets.people.body import BodyBasis, load_body_basis
from blender_assets.placement import PlacedPerson
from blender_assets.sample_site.cameras import CameraName, MountedCamera, mount_camera
from blender_assets.sample_site.lighting import DAYLIGHT
from blender_assets.sample_site.room import TIMES, TimeOfDay
from blender_assets.sample_site.sensor import compress_jpeg, draw_sensor, photograph
from blender_assets.sample_site.settings import SampleSiteSettings
from blender_assets.sample_site.staff import populate
from blender_assets.sample_site.stage import OfficeStage, render_stage, seen_pixels


class Shot(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w.-]+$")
    camera: CameraName
    time: TimeOfDay
    index: int = Field(ge=0)
    day: int = Field(default=0, ge=0)
    populated: bool = True


class SampleSiteSpec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    body_basis: Path
    settings: SampleSiteSettings = SampleSiteSettings()
    seed: int = Field(ge=0)
    shots: list[Shot]
    out: Path
    threads: int = Field(default=1, ge=1)


def shot_rng(seed: int, shot: Shot) -> np.random.Generator:
    """Depends on who is in the shot, not on its name, its day or its neighbours."""
    key = f"{shot.camera} {shot.time} {shot.populated}".encode()
    digest = np.frombuffer(hashlib.sha256(key).digest()[:8], dtype=np.uint32)
    return np.random.default_rng([seed, shot.index, *digest.tolist()])


def describe_people(
    mounted: MountedCamera, people: list[PlacedPerson], mask: np.ndarray
) -> list[dict[str, Any]]:
    """Records of the people of whom something can be seen; person_id counts all that were placed."""
    found = annotate_people(mounted.camera, people, mask, AnnotationSettings())
    return [
        {"person_id": k + 1} | asdict(note) | {"pose": person.mesh.pose, "parameters": person.mesh.parameters}
        for k, (person, note) in enumerate(zip(people, found.people, strict=True))
        if note.person_visibility > 0
    ]


def take_shot(stage: OfficeStage, shot: Shot, spec: SampleSiteSpec, basis: BodyBasis) -> dict[str, Any]:
    """Writes the JPEG of one shot and returns its record."""
    rng = shot_rng(spec.seed, shot)
    mounted = stage.mounted
    people = populate(basis, mounted, rng, settings=spec.settings) if shot.populated else []
    stage.arrange(people, cycles_seed=int(rng.integers(2**31)))
    sensor = draw_sensor(rng, spec.settings, gain=DAYLIGHT[shot.time].sensor_gain)
    radiance, labels = render_stage(stage)
    seen = seen_pixels(mounted)
    image = photograph(radiance, seen, sensor, rng)
    file_name = f"images/{shot.name}.jpg"
    (spec.out / file_name).write_bytes(compress_jpeg(image, sensor.jpeg_quality))
    return {
        "name": shot.name,
        "camera": shot.camera,
        "time": shot.time,
        "index": shot.index,
        "day": shot.day,
        "seed": spec.seed,
        "file_name": file_name,
        "width": mounted.camera.width_px,
        "height": mounted.camera.height_px,
        "nadir_px": list(mounted.camera.nadir_px()),
        "sensor": sensor.as_parameters(),
        "people": describe_people(mounted, people, labels * seen),
    }


def take_shots(content: dict[str, Any], report: Report) -> None:
    """Shots grouped by camera, time and day: the room is built once each; shots.json keeps the asked order."""
    spec = SampleSiteSpec.model_validate(content)
    basis = load_body_basis(spec.body_basis)
    (spec.out / "images").mkdir(parents=True, exist_ok=True)
    records: dict[str, dict[str, Any]] = {}
    order = sorted(spec.shots, key=lambda shot: (shot.camera, TIMES.index(shot.time), shot.day))
    stage, stage_key = None, None
    for done, shot in enumerate(order, start=1):
        if stage is None or stage_key != (shot.camera, shot.time, shot.day):
            stage_key = (shot.camera, shot.time, shot.day)
            mounted = mount_camera(shot.camera, spec.settings)
            stage = OfficeStage(mounted, (shot.time, shot.day), spec.settings, threads=spec.threads)
        records[shot.name] = take_shot(stage, shot, spec, basis)
        report(done, len(order), "")
    partial = spec.out / "shots.json.partial"
    partial.write_text(
        json.dumps({"shots": [records[shot.name] for shot in spec.shots]}, indent=1), encoding="utf-8"
    )
    partial.replace(spec.out / "shots.json")


if __name__ == "__main__":
    serve(take_shots)

"""A stand-in site for users without data: a rendered office with its own "real" photos. Never real, and called so."""

import json
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.sample_site.cameras import site_description
from blender_assets.sample_site.settings import SampleSiteSettings
from tasks.building.child_process import run_child
from tasks.building.steps import step
from tasks.datasets.annotations import AnnotatedImage, person_boxes, write_coco

CAMERAS = ("fisheye", "perspective")
TIMES = ("morning", "noon", "evening")
SPLIT_OF_TIME = {"morning": "train", "noon": "val", "evening": "test"}
_SILENCE_S = 300.0


class SampleSiteConfig(BaseModel):
    """Size of the stand-in site: two cameras at three times of day, on one or more days.

    A clip is what one camera saw at one time of one day. Days differ in people and clutter; the photos without people
    are of the first day. More days are more clips, which are what tells how sure a comparison is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # annotated photos of each of 2 cameras at each of 3 times of day: 10 make 60
    photos_per_camera_and_time: int = Field(default=10, ge=2)
    # that the photos of a camera and time are spread over; more days are more clips, and surer intervals; of one day
    # nothing is concluded: two cameras make two clips
    days: int = Field(default=2, ge=1)
    seed: int = 1  # another one has other staff, clutter and camera noise
    # size, rendering and flaws of the photos, and the staff
    settings: SampleSiteSettings = SampleSiteSettings()

    @model_validator(mode="after")
    def _has_photos_of_every_day(self) -> "SampleSiteConfig":
        if self.days > self.photos_per_camera_and_time:
            raise ValueError(
                f"days is {self.days}, but there are {self.photos_per_camera_and_time} photos per camera and time; "
                "every day needs one: lower days or raise photos_per_camera_and_time"
            )
        return self


class ShotsConfig(BaseModel):
    """What decides the photos of one camera at one time of day, spread over some days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera: str
    time: str
    num_photos: int
    days: int
    seed: int
    settings: SampleSiteSettings


def shot_groups(config: SampleSiteConfig) -> list[ShotsConfig]:
    """One group of shots for every camera and time of day."""
    return [
        ShotsConfig(
            camera=camera,
            time=time,
            num_photos=config.photos_per_camera_and_time,
            days=config.days,
            seed=config.seed,
            settings=config.settings,
        )
        for camera, time in product(CAMERAS, TIMES)
    ]


@step("sample-shots", libraries=("bpy", "numpy", "opencv-python-headless", "openexr"))
def photograph_office(out: Path, config: ShotsConfig, body_basis: Path) -> None:
    """One empty and `num_photos` populated photos of one camera at one time of day, clip by clip."""
    place = {"camera": config.camera, "time": config.time}
    prefix = f"{config.camera}_{config.time}"
    photos = [
        {
            "name": f"{prefix}_{index:03d}",
            **place,
            "index": index,
            "day": index % config.days,
            "populated": True,
        }
        for index in range(config.num_photos)
    ]
    shots = [{"name": prefix, **place, "index": 0, "populated": False}, *photos]
    spec = {
        "body_basis": str(body_basis / "body_basis.npz"),
        "settings": config.settings.model_dump(mode="json"),
        "seed": config.seed,
        "shots": shots,
        "out": str(out),
        "threads": 1,
    }
    run_child("blender_assets.sample_site", spec, timeout_s=_SILENCE_S)


@step("sample-site", libraries=("numpy", "pyyaml"))
def assemble_sample_site(out: Path, config: SampleSiteConfig, shots: list[Path]) -> None:
    """The folder that a user would bring: `site.yaml`, `backgrounds/`, `real/` with COCO annotations.

    Splits follow the time of day, so that no clip is in two of them.
    """
    images: list[AnnotatedImage] = []
    backgrounds: list[dict[str, Any]] = []
    for folder in shots:
        empty, *photos = json.loads((folder / "shots.json").read_text(encoding="utf-8"))["shots"]
        name = _copy(folder, empty, out / "backgrounds")
        backgrounds.append({"image": f"backgrounds/{name}", "camera": empty["camera"], "time": empty["time"]})
        images += [_photo(record, _copy(folder, record, out / "real/images")) for record in photos]
    site = site_description(config.settings)
    (out / "site.yaml").write_text(
        yaml.safe_dump({**site, "backgrounds": backgrounds}, sort_keys=False), encoding="utf-8"
    )
    write_coco(out / "real" / "annotations.json", images)


def _copy(folder: Path, record: dict[str, Any], target: Path) -> str:
    """Copy one shot's file; returns its base name."""
    source = folder / record["file_name"]
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target / source.name)
    return source.name


def _photo(record: dict[str, Any], file_name: str) -> AnnotatedImage:
    return AnnotatedImage(
        file_name=file_name,
        width_px=record["width"],
        height_px=record["height"],
        nadir_px=(record["nadir_px"][0], record["nadir_px"][1]),
        annotations=tuple(box for person in record["people"] for box in person_boxes(person)),
        camera=record["camera"],
        clip=f"{record['camera']}_{record['time']}_{record['day'] + 1}",
        extra={"split": SPLIT_OF_TIME[record["time"]], "time": record["time"]},
    )

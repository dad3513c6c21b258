"""A stand-in site for users without data: a rendered office with its own "real" photos. Never real, and called so."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tasks.annotations import AnnotatedImage, write_coco
from tasks.child_process import run_child
from tasks.rendering import person_boxes
from tasks.steps import step

CAMERAS = ("fisheye", "perspective")
TIMES = ("morning", "noon", "evening")
SPLIT_OF_TIME = {"morning": "train", "noon": "val", "evening": "test"}
_SILENCE_S = 300.0


class SampleSiteConfig(BaseModel):
    """Size of the stand-in site: two cameras at three times of day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    photos_per_camera_and_time: int = Field(default=10, ge=2)
    seed: int = 1


class ShotsConfig(BaseModel):
    """What decides the photos of one camera at one time of day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera: str
    time: str
    num_photos: int
    seed: int


def shot_groups(config: SampleSiteConfig) -> list[ShotsConfig]:
    """One group of shots for every camera and time of day."""
    return [
        ShotsConfig(camera=camera, time=time, num_photos=config.photos_per_camera_and_time, seed=config.seed)
        for camera, time in product(CAMERAS, TIMES)
    ]


@step("sample-shots", libraries=("bpy", "numpy", "opencv-python-headless"))
def photograph_office(out: Path, config: ShotsConfig, body_basis: Path) -> None:
    """One empty and `num_photos` populated photos of one camera at one time of day."""
    prefix = f"{config.camera}_{config.time}"
    names = [f"{prefix}_empty", *(f"{prefix}_{index:03d}" for index in range(config.num_photos))]
    shots = [
        {"name": name, "camera": config.camera, "time": config.time, "index": index, "populated": index >= 0}
        for index, name in enumerate(names, start=-1)
    ]
    spec = {
        "body_basis": str(body_basis / "body_basis.npz"),
        "settings": {},
        "seed": config.seed,
        "shots": shots,
        "out": str(out),
        "threads": 1,
    }
    run_child("blender_assets.sample_site", spec, timeout_s=_SILENCE_S)


@step("sample-site", libraries=("numpy",))
def assemble_sample_site(out: Path, config: SampleSiteConfig, shots: list[Path]) -> None:
    """The folder that a user would bring: `site.yaml`, `backgrounds/`, `real/` with COCO annotations.

    Splits follow the time of day, so that no clip is in two of them.
    """
    images: list[AnnotatedImage] = []
    backgrounds: list[dict[str, Any]] = []
    site: dict[str, Any] = {}
    for folder in shots:
        content = json.loads((folder / "shots.json").read_text())
        site = content["site"]
        for record in content["shots"]:
            pixels = (folder / record["file_name"]).read_bytes()
            place = "backgrounds" if not record["populated"] else "real/images"
            target = out / place / Path(record["file_name"]).name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(pixels)
            if record["populated"]:
                images.append(_photo(record, target.name))
            else:
                image = f"backgrounds/{target.name}"
                backgrounds.append({"image": image, "camera": record["camera"], "time": record["time"]})
    (out / "site.yaml").write_text(yaml.safe_dump({**site, "backgrounds": backgrounds}, sort_keys=False))
    write_coco(out / "real" / "annotations.json", images)


def _photo(record: dict[str, Any], file_name: str) -> AnnotatedImage:
    return AnnotatedImage(
        file_name=file_name,
        width_px=record["width"],
        height_px=record["height"],
        nadir_px=(record["nadir_px"][0], record["nadir_px"][1]),
        annotations=tuple(box for person in record["people"] for box in person_boxes(person)),
        camera=record["camera"],
        clip=f"{record['camera']}_{record['time']}",
        extra={"split": SPLIT_OF_TIME[record["time"]], "time": record["time"]},
    )

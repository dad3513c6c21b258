"""Renders dressed people over one background (Algorithm 4 of the thesis), in a child process with Blender."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from blender_assets.people.poses import PoseBook
from blender_assets.settings import RenderSettings
from tasks.annotations import AnnotatedImage, person_boxes, write_coco
from tasks.artifacts import SourceFiles
from tasks.child_process import run_child
from tasks.steps import step

_SILENCE_S = 300.0  # loading Blender and the first scene take seconds; a hung child is ended after this


class RenderConfig(BaseModel):
    """How many scenes are rendered, and with what in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenes_per_background: int = Field(default=5, ge=1)
    scenes_per_shard: int = Field(default=8, ge=1)  # scenes that one child renders and one artifact holds
    seed: int = 0
    settings: RenderSettings = RenderSettings()


class ShardConfig(BaseModel):
    """What decides the pixels of one shard of scenes over one background."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    scenes: tuple[int, ...]
    settings: RenderSettings


def shards(config: RenderConfig) -> list[ShardConfig]:
    """The scenes of one background in shards; more scenes later leave full shards as they are."""
    numbers = range(config.scenes_per_background)
    starts = range(0, config.scenes_per_background, config.scenes_per_shard)
    parts = [tuple(numbers[start : start + config.scenes_per_shard]) for start in starts]
    settings = config.settings.model_copy(update={"poses": config.settings.poses.without_places()})
    return [ShardConfig(seed=config.seed, scenes=part, settings=settings) for part in parts]


def mocap_files(config: RenderConfig) -> SourceFiles:
    """The clips that the configuration names: their bytes belong to the key. ValueError for one that cannot be used."""
    files = {file.name: Path(file.path) for file in config.settings.poses.mocap}
    PoseBook(config.settings.poses)
    return SourceFiles(files)


@step("scenes", libraries=("bpy", "numpy", "opencv-python-headless", "openexr"))
def render_scenes(
    out: Path, config: ShardConfig, background: Path, body_basis: Path, mocap: SourceFiles
) -> None:
    """Images, instance masks and annotations of one shard; `scenes.json` holds every person's parameters."""
    camera = json.loads((background / "camera.json").read_text())
    spec = {
        "camera": camera,
        "background": str(background / "image.png"),
        "body_basis": str(body_basis / "body_basis.npz"),
        "density": camera["density_image"] and str(background / camera["density_image"]),
        "mocap": {name: str(path) for name, path in mocap.files.items()},
        "settings": config.settings.model_dump(mode="json"),
        "seed": config.seed,
        "scenes": list(config.scenes),
        "out": str(out),
        "threads": 1,
    }
    run_child("blender_assets.render_scenes", spec, timeout_s=_SILENCE_S)
    name = json.loads((background / "background.json").read_text())
    records = json.loads((out / "scenes.json").read_text())["scenes"]
    write_coco(out / "annotations.json", [scene_image(record, **name) for record in records])


def scene_image(record: dict[str, Any], *, name: str, camera: str) -> AnnotatedImage:
    """The annotations of one rendered scene, from the record that the child wrote."""
    return AnnotatedImage(
        file_name=record["file_name"],
        width_px=record["width"],
        height_px=record["height"],
        nadir_px=(record["nadir_px"][0], record["nadir_px"][1]),
        annotations=tuple(box for person in record["people"] for box in person_boxes(person)),
        mask_name=record.get("mask_name"),
        camera=camera,
        clip=name,
        extra={"background": name, "scene": record.get("scene"), "seed": record.get("seed")},
    )

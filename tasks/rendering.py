"""Renders dressed people over one background (Algorithm 4 of the thesis), in child processes with Blender."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from blender_assets.child_protocol import record_path
from blender_assets.settings import RenderSettings
from tasks.annotations import AnnotatedImage, person_boxes, write_coco
from tasks.child_process import ChildFailed, is_stopped, run_child
from tasks.steps import step

_SILENCE_S = 300.0  # loading Blender and the first scene take seconds; a hung child is ended after this
_SCENES_PER_CHILD = 200  # Blender keeps a little memory of every scene


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
    return [ShardConfig(seed=config.seed, scenes=part, settings=config.settings) for part in parts]


@step("scenes", libraries=("bpy", "numpy", "opencv-python-headless", "openexr"))
def render_scenes(out: Path, config: ShardConfig, background: Path, body_basis: Path) -> None:
    """Images, instance masks and annotations of one shard; `scenes.json` holds every person's parameters."""
    name = json.loads((background / "background.json").read_text())
    records = render_over(
        background, body_basis, config.settings, config.scenes, seed=config.seed, name=name["name"], out=out
    )
    (out / "scenes.json").write_text(json.dumps({"scenes": records}, indent=1))
    shutil.rmtree(out / "records")
    write_coco(out / "annotations.json", [scene_image(record, **name) for record in records])


def render_over(
    background: Path,
    body_basis: Path,
    settings: RenderSettings,
    scenes: Sequence[int],
    *,
    seed: int,
    name: str,
    out: Path,
    scale: float = 1.0,
) -> list[dict[str, Any]]:
    """Render scenes over an imported background into `out`; returns their records in order.

    A quick look renders people at a smaller `scale` of the photo's resolution and enlarges them.
    A child that dies is started once more, for the scenes of its batch that are not there yet. Raises ChildFailed
    that names the scene at which the second one died.
    """
    spec = {
        "camera": json.loads((background / "camera.json").read_text()),
        "background": str(background / "image.png"),
        "body_basis": str(body_basis / "body_basis.npz"),
        "settings": settings.model_dump(mode="json"),
        "seed": seed,
        "out": str(out),
        "scale": scale,
        "threads": 1,
    }
    for batch in _batches(scenes):
        try:
            _render_missing(spec, batch)
        except ChildFailed as first:
            if is_stopped():
                raise
            _render_again(spec, batch, name, first)
    return [json.loads(record_path(out, scene).read_text()) for scene in scenes]


def _batches(scenes: Sequence[int]) -> list[tuple[int, ...]]:
    starts = range(0, len(scenes), _SCENES_PER_CHILD)
    return [tuple(scenes[start : start + _SCENES_PER_CHILD]) for start in starts]


def _render_missing(spec: dict[str, Any], scenes: Sequence[int]) -> None:
    missing = _missing(spec, scenes)
    progress = {"scenes": missing, "num_done": len(scenes) - len(missing)}
    run_child("blender_assets.render_scenes", spec | progress, timeout_s=_SILENCE_S)


def _missing(spec: dict[str, Any], scenes: Sequence[int]) -> list[int]:
    return [scene for scene in scenes if not record_path(Path(spec["out"]), scene).exists()]


def _render_again(spec: dict[str, Any], scenes: Sequence[int], name: str, first: ChildFailed) -> None:
    try:
        _render_missing(spec, scenes)
    except ChildFailed as second:
        if is_stopped():
            raise
        scene = _missing(spec, scenes)[0]
        raise ChildFailed(
            f"the renderer failed twice, the second time at scene {scene} of background {name!r} with seed "
            f"{spec['seed']}; `flows preview CONFIG --background {name} --scene {scene}` renders it alone.\n"
            f"The first time: {first}\nThe second time: {second}"
        ) from None


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

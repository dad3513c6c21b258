"""Renders dressed people over one background (Algorithm 4 of the thesis), in child processes with Blender."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from blender_assets.both_sides.child_protocol import record_path
from blender_assets.people.poses import PoseBook
from blender_assets.settings import RenderSettings
from tasks.artifacts.recipe import SourceFiles
from tasks.building.child_process import ChildFailed, is_stopped, run_child
from tasks.building.steps import step
from tasks.datasets.annotations import AnnotatedImage, person_boxes, write_coco

_SILENCE_S = 300.0  # loading Blender and the first scene take seconds; a hung child is ended after this
_SCENES_PER_CHILD = 200  # Blender keeps a little memory of every scene


class RenderConfig(BaseModel):
    """How many scenes are rendered, and with what in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # synthetic images over each empty photo; the thesis has 5
    scenes_per_background: int = Field(default=5, ge=1)
    scenes_per_shard: int = Field(default=8, ge=1)  # scenes that one child renders and one artifact holds
    seed: int = 0  # another one draws other people, poses and lights
    # what may vary from scene to scene, and how finely it is rendered
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


@step(
    "scenes",
    libraries=("bpy", "numpy", "opencv-python-headless", "openexr", "pycocotools"),
    is_resumable=True,
)
def render_scenes(
    out: Path, config: ShardConfig, background: Path, body_basis: Path, mocap: SourceFiles, scratch: Path
) -> None:
    """Images, instance masks and annotations of one shard; `scenes.json` holds every person's parameters.

    What an earlier run finished before it was stopped lies in `scratch`, and is not rendered again.
    """
    source = RenderSource(background, body_basis, mocap)
    records = render_over(source, config.settings, config.scenes, seed=config.seed, out=scratch)
    _move_images(scratch, out)
    (out / "scenes.json").write_text(json.dumps({"scenes": records}, indent=1), encoding="utf-8")
    write_coco(out / "annotations.json", [scene_image(record, **source.origin) for record in records])


def _move_images(scratch: Path, out: Path) -> None:
    """Records go first: without them a scene counts as not rendered, should this be stopped halfway."""
    shutil.rmtree(scratch / "records")
    for folder in scratch.iterdir():
        folder.rename(out / folder.name)


@dataclass(frozen=True)
class RenderSource:
    """Folders of an imported background and of the body basis, and the clips of motion capture."""

    background: Path
    body_basis: Path
    mocap: SourceFiles

    @property
    def origin(self) -> dict[str, str]:
        """`name` and `camera` of the background."""
        return json.loads((self.background / "background.json").read_text(encoding="utf-8"))

    def spec(self) -> dict[str, Any]:
        """The part of the renderer's spec that names files."""
        camera = json.loads((self.background / "camera.json").read_text(encoding="utf-8"))
        density = camera.get("density_image")
        return {
            "camera": camera,
            "background": str(self.background / "image.png"),
            **json.loads((self.background / "file.json").read_text(encoding="utf-8")),
            "body_basis": str(self.body_basis / "body_basis.npz"),
            "density": str(self.background / density) if density else None,
        }


def render_over(
    source: RenderSource,
    settings: RenderSettings,
    scenes: Sequence[int],
    *,
    seed: int,
    out: Path,
    scale: float = 1.0,
) -> list[dict[str, Any]]:
    """Render scenes into `out`; returns their records in order.

    A quick look renders people at a smaller `scale` of the photo's resolution and enlarges them.
    A child that dies is started once more, for the scenes of its batch that are not there yet. Raises ChildFailed
    that names the scene at which the second one died.
    """
    poses = settings.poses.with_files(source.mocap.files)
    settings = settings.model_copy(update={"poses": poses})
    spec = source.spec() | {
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
            _render_again(spec, batch, source.origin["name"], first)
    return [json.loads(record_path(out, scene).read_text(encoding="utf-8")) for scene in scenes]


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
        parts_name=record.get("parts_name"),
        depth_name=record.get("depth_name"),
        camera=camera,
        clip=name,
        extra={"background": name, "scene": record.get("scene"), "seed": record.get("seed")},
    )

"""`python -m flows preview`: some scenes of a site or a run, before hours of computing are spent on it."""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flows.commands.preview_comparison import RealPeople, compare_people, measure_real
from flows.people.run_files import RenderPlan
from flows.runs.console import RunConsole
from flows.runs.interrupts import ending_children_on_interrupt
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import SourceFiles
from tasks.building import progress
from tasks.images.drawing import color_mask
from tasks.images.files import encode_jpeg, read_image, read_mask, write_png
from tasks.scenes.body_basis import write_body_basis
from tasks.scenes.previewing import PreviewScene, choose_scenes, contact_sheet, draw_scene, render_previews
from tasks.scenes.rendering import RenderConfig, RenderSource, mocap_files
from tasks.sites.backgrounds import BackgroundConfig, import_background, list_backgrounds

_PREVIEW_PX = 512  # people are rendered as if the photo's longer side had this many pixels


@dataclass(frozen=True)
class PreviewChoice:
    """Which scenes, and the folder for what is written; `real` are people to compare with, at full size."""

    seed: int | None
    count: int
    background: str | None
    scene: int | None
    out: Path
    real: RealPeople | None = None

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"--count must be at least 1, but was {self.count}; leave it out for 12")
        if self.real is not None and self.scene is not None:
            raise ValueError("--compare looks at people of many scenes; leave --scene out")


def preview(plan: RenderPlan, choice: PreviewChoice) -> int:
    """Write contact sheets, or one scene in full with its boxes, mask and record; returns the exit code."""
    found = _select(list_backgrounds(plan.site), choice.background, choice.scene)
    config = plan.render if choice.seed is None else plan.render.model_copy(update={"seed": choice.seed})
    real = None if choice.real is None else measure_real(choice.real)
    names, scene, out = list(found), choice.scene, choice.out
    wanted = {names[0]: [scene]} if scene is not None else choose_scenes(names, choice.count)
    is_full = scene is not None or real is not None
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="verisim-preview-") as folder:
        scenes = _render(plan.store, found, config, wanted, is_full=is_full, folder=Path(folder))
        paths = _write_scene(scenes[0], out) if scene is not None else _write_sheets(scenes, out)
        if real is not None:
            paths.append(compare_people(real, scenes, out))
    print("\n".join(map(str, paths)))
    print(f"{len(scenes)} scenes in {time.monotonic() - started:.0f} s, seed {config.seed}")
    return 0


def _select(
    backgrounds: list[tuple[BackgroundConfig, SourceFiles]], name: str | None, scene: int | None
) -> dict[str, tuple[BackgroundConfig, SourceFiles]]:
    found = {config.name: (config, photo) for config, photo in backgrounds}
    if name is None and scene is not None and len(found) > 1:
        raise ValueError(f"--scene needs --background, one of {sorted(found)}")
    if name is None:
        return found
    if name not in found:
        raise ValueError(f"--background is {name!r}, but the site has {sorted(found)}; name one of these")
    return {name: found[name]}


def _render(
    place: StorePlace,
    found: dict[str, tuple[BackgroundConfig, SourceFiles]],
    config: RenderConfig,
    wanted: dict[str, list[int]],
    *,
    is_full: bool,
    folder: Path,
) -> list[PreviewScene]:
    store, slots = place.open(), contextlib.nullcontext()
    with RunConsole() as console, ending_children_on_interrupt():
        progress.listen(console.listener_for("render preview"))
        body = write_body_basis.obtain(store, None, {}, slots=slots).ref
        imported = {
            name: import_background.obtain(store, found[name][0], {"photo": found[name][1]}, slots=slots).ref
            for name in wanted
        }
        mocap, folder_of_body = mocap_files(config), store.folder(body)
        sources = {
            name: RenderSource(store.folder(ref), folder_of_body, mocap) for name, ref in imported.items()
        }
        return render_previews(
            sources,
            config,
            wanted,
            scale=1.0 if is_full else _scale_for(source.background for source in sources.values()),
            num_workers=os.cpu_count() or 1,
            out=folder,
        )


def _scale_for(backgrounds: Iterable[Path]) -> float:
    longest = max(max(read_image(folder / "image.png").shape) for folder in backgrounds)
    return min(1.0, _PREVIEW_PX / longest)


def _write_sheets(scenes: list[PreviewScene], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    paths = {out / "scenes.jpg": False, out / "scenes_with_boxes.jpg": True}
    for path, has_boxes in paths.items():
        path.write_bytes(encode_jpeg(contact_sheet(scenes, has_boxes=has_boxes)))
    return list(paths)


def _write_scene(scene: PreviewScene, out: Path) -> list[Path]:
    stem = out / f"{scene.image.clip}-{scene.record['scene']}"
    assert scene.image.mask_name is not None
    images: dict[str, np.ndarray] = {
        "": draw_scene(scene, has_boxes=False),
        "-boxes": draw_scene(scene, has_boxes=True),
        "-mask": color_mask(read_mask(scene.folder / scene.image.mask_name)),
    }
    paths = [stem.with_name(f"{stem.name}{suffix}.png") for suffix in images]
    for path, image in zip(paths, images.values(), strict=True):
        write_png(path, image)
    record = stem.with_name(f"{stem.name}.json")
    record.write_text(json.dumps(scene.record, indent=1), encoding="utf-8")
    return [*paths, record]

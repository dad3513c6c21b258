"""Render children that are killed: what they finished counts, once they are started again, then they are reported."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blender_assets.both_sides.child_protocol import record_path
from blender_assets.people.pose_settings import MocapFile, PoseSettings
from blender_assets.settings import RenderSettings
from tasks.artifacts.recipe import Recipe, SourceFiles
from tasks.artifacts.store import Store
from tasks.building import child_process, progress
from tasks.building.child_process import ChildFailed
from tasks.images.files import write_png
from tasks.scenes import rendering
from tasks.scenes.rendering import (
    RenderConfig,
    RenderSource,
    ShardConfig,
    mocap_files,
    render_over,
    shards,
)
from tests.blender_assets.clips import FRAMES, bvh_text
from tests.flows.tiny_site import draw_room

SETTINGS = RenderSettings(sitting_people=(0, 0), standing_people=(1, 1), samples=1, denoise=False)
CAMERA = {
    "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
    "height_m": 2.8,
    "floor": {"radius_m": 1.5},
    "density_image": None,
}


@pytest.fixture
def background(tmp_path) -> Path:
    write_png(tmp_path / "background/image.png", draw_room(np.random.default_rng(0)))
    (tmp_path / "background/camera.json").write_text(json.dumps(CAMERA))
    (tmp_path / "background/background.json").write_text(json.dumps({"name": "lobby", "camera": "ceiling"}))
    (tmp_path / "background/file.json").write_text(json.dumps({"jpeg_quality": None}))
    return tmp_path / "background"


def kill_children(is_time: Callable[[], bool], *, times: int) -> threading.Thread:
    """Kills the next `times` children, each as soon as `is_time`."""

    def work() -> None:
        deadline, killed = time.monotonic() + 60, set()
        while len(killed) < times and time.monotonic() < deadline:
            for child in list(child_process._living):
                if child.pid not in killed and is_time():
                    os.kill(child.pid, signal.SIGKILL)
                    killed.add(child.pid)
            time.sleep(0.005)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def render(background: Path, basis: Path, out: Path, scenes: list[int]) -> list[dict]:
    source = RenderSource(background, basis.parent, SourceFiles({}))
    return render_over(source, SETTINGS, scenes, seed=3, out=out)


def test_a_killed_child_costs_one_scene_and_changes_no_byte(background, body_basis_path, tmp_path):
    whole = render(background, body_basis_path, tmp_path / "whole", [0, 1, 2])
    heard = []
    progress.listen(lambda done, total, note: heard.append((done, total)))
    out = tmp_path / "killed"
    killer = kill_children(record_path(out, 0).exists, times=1)
    again = render(background, body_basis_path, out, [0, 1, 2])
    progress.listen(lambda done, total, note: None)
    assert not killer.is_alive() and again == whole
    assert heard == sorted(heard) and heard[-1] == (3, 3)
    for name in ("images/00001.png", "masks/00001.png"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_child_that_dies_twice_is_reported_with_the_scene_and_the_command(
    background, body_basis_path, tmp_path
):
    kill_children(lambda: True, times=2)
    with pytest.raises(ChildFailed) as error:
        render(background, body_basis_path, tmp_path / "out", [4, 5])
    message = str(error.value)
    assert "at scene 4 of background 'lobby' with seed 3" in message
    assert "flows preview CONFIG --background lobby --scene 4" in message
    assert message.count("was killed by SIGKILL") == 2


def test_scenes_that_a_stopped_run_finished_are_found_by_the_next_one(background, body_basis_path, tmp_path):
    """A first run is stopped for good after a scene; the second renders the other one alone and leaves the same bytes."""
    store, recipe = Store(tmp_path / "store"), Recipe("scenes", {}, {}, (), ())
    shard = ShardConfig(seed=3, scenes=(0, 1), settings=SETTINGS)
    inputs = {"background": background, "body_basis": body_basis_path.parent, "mocap": SourceFiles({})}

    def build(out: Path) -> None:
        rendering.render_scenes.build(out, config=shard, scratch=store.scratch(recipe.key), **inputs)

    def stop_after_a_scene(done: int, total: int, note: str) -> None:
        raise KeyboardInterrupt

    progress.listen(stop_after_a_scene)
    with pytest.raises(KeyboardInterrupt):
        store.obtain(recipe, build)
    assert store.find(recipe.key) is None
    heard = []
    progress.listen(lambda done, total, note: heard.append((done, total)))
    ref = store.obtain(recipe, build).ref
    progress.listen(lambda done, total, note: None)
    assert heard == [(2, 2)], "one scene was left"
    assert not (store.root / "scratch" / recipe.key).exists()
    whole = tmp_path / "whole"
    (tmp_path / "scratch").mkdir()
    whole.mkdir()
    rendering.render_scenes.build(whole, config=shard, scratch=tmp_path / "scratch", **inputs)
    names = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    assert len(names) == 6  # two images, two masks, annotations and records
    assert all((store.folder(ref) / name).read_bytes() == (whole / name).read_bytes() for name in names)


def test_a_move_that_was_stopped_halfway_leaves_scenes_to_be_rendered_again(tmp_path):
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    for name in ("records/00000.json", "images/00000.png"):
        (scratch / name).parent.mkdir(parents=True)
        (scratch / name).write_text("x")
    with pytest.raises(OSError):
        rendering._move_images(scratch, out / "a folder that is not there")
    assert not (scratch / "records").exists()


def test_more_scenes_leave_full_shards_as_they_are():
    few = shards(RenderConfig(scenes_per_background=5, scenes_per_shard=2))
    more = shards(RenderConfig(scenes_per_background=6, scenes_per_shard=2))
    assert [shard.scenes for shard in few] == [(0, 1), (2, 3), (4,)]
    assert more[:2] == few[:2] and more[2].scenes == (4, 5)


def config(path: Path) -> RenderConfig:
    poses = PoseSettings(mocap=(MocapFile(path=str(path)),))
    return RenderConfig(scenes_per_background=5, scenes_per_shard=2, settings=RenderSettings(poses=poses))


def write_clip(folder: Path, height: float) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "walk.bvh").write_text(bvh_text(FRAMES, [height] * len(FRAMES)))
    return folder / "walk.bvh"


def test_the_place_of_a_clip_is_no_part_of_a_shard_but_its_bytes_are(tmp_path: Path) -> None:
    one, other = (write_clip(tmp_path / name, 88.0) for name in ("a", "b"))
    changed = write_clip(tmp_path / "c", 87.0)
    assert shards(config(one)) == shards(config(other)) == shards(config(changed))
    assert mocap_files(config(one)).content == mocap_files(config(other)).content
    assert mocap_files(config(one)).content != mocap_files(config(changed)).content


def test_no_clips_are_no_files() -> None:
    assert mocap_files(RenderConfig()).files == {}


def test_a_clip_that_cannot_be_used_is_named_before_anything_is_rendered(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no motion capture file .*nothing\.bvh"):
        mocap_files(config(tmp_path / "nothing.bvh"))
    (tmp_path / "bad.bvh").write_text("no clip")
    with pytest.raises(ValueError, match=r"bad\.bvh cannot be read as BVH"):
        mocap_files(config(tmp_path / "bad.bvh"))

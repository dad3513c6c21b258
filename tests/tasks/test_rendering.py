from pathlib import Path

import pytest

from blender_assets.people.pose_settings import MocapFile, PoseSettings
from blender_assets.settings import RenderSettings
from tasks.rendering import RenderConfig, mocap_files, shards
from tests.blender_assets.clips import FRAMES, bvh_text


def config(path: Path) -> RenderConfig:
    poses = PoseSettings(mocap=(MocapFile(path=str(path)),))
    return RenderConfig(scenes_per_background=5, scenes_per_shard=2, settings=RenderSettings(poses=poses))


def write_clip(folder: Path, height: float) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "walk.bvh").write_text(bvh_text(FRAMES, [height] * len(FRAMES)))
    return folder / "walk.bvh"


def test_scenes_are_cut_into_shards() -> None:
    assert [shard.scenes for shard in shards(config(Path("walk.bvh")))] == [(0, 1), (2, 3), (4,)]


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

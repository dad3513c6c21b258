"""Spoilt clips are read, or refused in one short line; what is read can be posed."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, morph_body
from blender_assets.people.mocap import load_clip
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.pose_settings import MocapFile
from blender_assets.people.poses import ClipPose, pose_rotations
from tests.blender_assets.clips import MOTIONS
from tests.blender_assets.rebased_clips import bones_along, random_axes, rebased, same_axes
from tests.fuzzing.bvh import mutated

LONGEST_S = 5.0
KINDS = ("standing", "sitting", "lying")


def sources() -> list[bytes]:
    motions = [
        (MOTIONS["walk"], bones_along(0)),
        (MOTIONS["crawl"], random_axes(2)),
        (MOTIONS["sit"], same_axes),
    ]
    texts = [rebased(text, own_axes, np.eye(3)).replace("OFFSET", "\n  OFFSET") for text, own_axes in motions]
    # Short numbers leave more room to the rest of the file.
    return [re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.3g}", text).encode() for text in texts]


def survive(basis: BodyBasis, path: Path, seeds: range) -> dict[str, int]:
    """How many spoilt clips were read, and how many refused."""
    rest = morph_body(basis, draw_body(basis, np.random.default_rng(0), settings=PeopleSettings()).phenotypes)
    counts = {"read": 0, "refused": 0}
    whole = sources()
    for seed in seeds:
        path.write_bytes(mutated(whole[seed % len(whole)], np.random.default_rng(seed)))
        started = time.process_time()
        try:
            with np.errstate(all="raise", under="ignore"):
                clip = load_clip(MocapFile(path=str(path), first_frame=0))
        except ValueError as error:
            message = str(error)
            assert "\n" not in message and len(message.replace(str(path), "")) <= 500, (seed, message)
            counts["refused"] += 1
            continue
        with np.errstate(all="raise", under="ignore"):
            pose = ClipPose(clip, clip.num_frames - 1, bool(seed % 2))
            rotations = pose_rotations(basis, rest, pose, KINDS[seed % 3])
        for bone, rotation in rotations.items():
            np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-4, err_msg=f"{seed} {bone}")
        assert time.process_time() - started < LONGEST_S, seed
        counts["read"] += 1
    assert list(path.parent.iterdir()) == [path]
    return counts


def test_spoilt_clips_are_read_or_refused_in_a_line(body_basis, tmp_path) -> None:
    counts = survive(body_basis, tmp_path / "a.bvh", range(100))
    assert min(counts.values()) >= 10


@pytest.mark.slow
def test_many_spoilt_clips_are_read_or_refused_in_a_line(body_basis, tmp_path) -> None:
    assert min(survive(body_basis, tmp_path / "a.bvh", range(100, 1600)).values()) >= 200

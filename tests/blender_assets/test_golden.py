"""The same scene today as when it was kept, byte for byte where the platform is the same."""

import json

import numpy as np
import pytest

from tests.blender_assets.golden import FOLDER, digests, platform_name, read_pixels, render_golden

MEAN_GREY, SHARE_OF_MASK = 0.5, 0.01


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return render_golden(tmp_path_factory.mktemp("golden"))


def test_the_scene_has_its_golden_bytes(paths):
    kept = json.loads((FOLDER / "digests.json").read_text())
    if platform_name() not in kept:
        pytest.skip(
            f"no digest for {platform_name()}, only for {sorted(kept)}; the next test compares pixels"
        )
    assert digests(paths) == kept[platform_name()], (
        "the renderer gives other bytes; if that was meant, run python -m tests.blender_assets.golden"
    )


def test_the_scene_looks_as_it_did(paths):
    now, then = (read_pixels(path).astype(int) for path in (paths["image.png"], FOLDER / "image.png"))
    assert np.abs(now - then).mean() < MEAN_GREY
    masks = [read_pixels(path) for path in (paths["mask.png"], FOLDER / "mask.png")]
    assert (masks[0] != masks[1]).sum() <= SHARE_OF_MASK * (masks[1] > 0).sum()

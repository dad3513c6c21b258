import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from blender_assets.sample_site.settings import SampleSiteSettings
from models.judging.resampling import LEAST_CLIPS
from tasks.datasets.annotations import read_coco
from tasks.sites.sample_site import SampleSiteConfig, assemble_sample_site, photograph_office, shot_groups

TINY = SampleSiteSettings(width_px=96, height_px=72, samples=1, max_bounces=1)


def test_every_day_needs_a_photo():
    with pytest.raises(ValueError, match="days is 3, but there are 2 photos"):
        SampleSiteConfig(photos_per_camera_and_time=2, days=3)


def test_each_split_of_the_default_has_clips_enough_for_a_verdict():
    for split_time in ("morning", "noon", "evening"):
        groups = [group for group in shot_groups(SampleSiteConfig()) if group.time == split_time]
        assert sum(group.days for group in groups) >= LEAST_CLIPS


def test_days_make_clips_and_every_clip_is_in_one_split(body_basis_path: Path, tmp_path: Path):
    config = SampleSiteConfig(photos_per_camera_and_time=2, days=2, settings=TINY)
    groups = [group for group in shot_groups(config) if group.camera == "fisheye"]
    folders = [tmp_path / group.time for group in groups]
    for group, folder in zip(groups, folders, strict=True):
        folder.mkdir()
        photograph_office.build(folder, group, body_basis=body_basis_path.parent)
    site = tmp_path / "site"
    site.mkdir()
    assemble_sample_site.build(site, config, shots=folders)
    images = read_coco(site / "real" / "annotations.json")
    splits = {
        image.clip: {other.extra["split"] for other in images if other.clip == image.clip} for image in images
    }
    assert len(images) == 6 and len(splits) == 6
    assert all(len(found) == 1 for found in splits.values())
    days = [shot["day"] for shot in json.loads((folders[0] / "shots.json").read_text())["shots"]]
    assert days == [0, 0, 1]
    first, second = (cv2.imread(str(site / "real" / "images" / f"fisheye_noon_00{k}.jpg")) for k in (0, 1))
    assert np.abs(first.astype(int) - second).mean() > 1

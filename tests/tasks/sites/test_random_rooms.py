import json

import numpy as np

from blender_assets.sample_site.settings import PhotoSettings
from tasks.images.files import read_image
from tasks.sites.backgrounds import list_backgrounds
from tasks.sites.random_rooms import (
    AssemblyConfig,
    RoomsConfig,
    assemble_rooms,
    photograph_rooms,
    room_shards,
)


def test_no_room_both_trains_and_validates_and_none_is_lost():
    train, held_out = room_shards(RoomsConfig(train=23, held_out=5, rooms_per_shard=10))
    numbers = [[room for shard in shards for room in shard.rooms] for shards in (train, held_out)]
    assert sorted(numbers[0] + numbers[1]) == list(range(28))
    assert [len(shard.rooms) for shard in train] == [10, 10, 3] and len(numbers[1]) == 5


def test_photographed_rooms_are_a_site_that_the_program_reads(tmp_path):
    config = RoomsConfig(train=1, held_out=1, photo=PhotoSettings(width_px=96, height_px=64, samples=1))
    folders = []
    for number, (shard,) in enumerate(room_shards(config)):
        folders.append(tmp_path / str(number))
        folders[-1].mkdir()
        photograph_rooms.build(folders[-1], shard)
    site = tmp_path / "site"
    site.mkdir()
    assemble_rooms.build(site, AssemblyConfig(), shards=folders)
    found = list_backgrounds(site / "site.yaml")
    assert [background.name for background, _ in found] == ["room_0001", "room_0000"]
    photos = [read_image(path) for _, files in found for path in files.files.values()]
    assert all(photo.shape == (64, 96, 3) and photo.std() > 5 for photo in photos)
    assert np.abs(photos[0].astype(int) - photos[1]).mean() > 5


def test_rooms_that_are_left_out_are_in_no_site(tmp_path):
    camera = {"lens": {"model": "perspective", "hfov_deg": 90}, "height_m": 3.0, "floor": {"radius_m": 2.0}}
    records = [{"name": f"room_{number:04d}", "camera": camera} for number in (3, 4)]
    (tmp_path / "rooms.json").write_text(json.dumps({"rooms": records}))
    for record in records:
        (tmp_path / f"{record['name']}.jpg").write_bytes(b"photo")
    site = tmp_path / "site"
    site.mkdir()
    assemble_rooms.build(site, AssemblyConfig(leave_out=(3,)), shards=[tmp_path])
    assert sorted(path.name for path in site.iterdir()) == ["room_0004.jpg", "site.yaml"]
    assert "room_0003" not in (site / "site.yaml").read_text()

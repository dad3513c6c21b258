import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.site import Floor, SiteCamera
from tasks.artifacts.recipe import SourceFiles
from tasks.artifacts.store import Store
from tasks.building import run_context
from tasks.building.run_context import Run
from tasks.images.files import write_png
from tasks.sites.backgrounds import BackgroundConfig, import_background

CAMERA = SiteCamera(
    lens=FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), height_m=2.8, floor=Floor(radius_m=2.0)
)


def read_record(store: Store) -> dict:
    (path,) = (store.root / "runs").glob("*.json")
    return json.loads(path.read_text())


def test_two_runs_of_one_name_in_one_second_keep_two_records(tmp_path):
    store = Store(tmp_path)
    for started in (1000.1, 1000.7):
        Run(store, "train-detector", started=started).finish("completed", {})
    assert len(store.records()) == 2


def test_a_step_that_ends_after_the_run_was_finished_leaves_its_status(tmp_path):
    write_png(tmp_path / "photo.png", np.zeros((32, 32, 3), np.uint8))
    photo = SourceFiles({"photo.png": tmp_path / "photo.png"})
    store = Store(tmp_path / "store")
    run = Run(store=store, name="short")

    def obtain(name: str) -> None:
        config = BackgroundConfig(name=name, camera_name="ceiling", camera=CAMERA)
        run.obtain(import_background, config, name, {"photo": photo})

    obtain("before")
    assert read_record(store)["status"] == "running"
    run.finish("interrupted", {"name": "short"})
    obtain("after")
    record = read_record(store)
    assert (record["status"], record["config"]) == ("interrupted", {"name": "short"})
    assert [item["label"] for item in record["artifacts"]] == ["before", "after"]


def test_a_step_whose_store_is_away_for_a_while_is_built_when_it_is_back(tmp_path, monkeypatch):
    monkeypatch.setattr(run_context, "_LOOK_EVERY_S", 0.05)
    write_png(tmp_path / "photo.png", np.zeros((32, 32, 3), np.uint8))
    photo = SourceFiles({"photo.png": tmp_path / "photo.png"})
    run = Run(store=Store(tmp_path / "store"), name="short")
    config = BackgroundConfig(name="empty", camera_name="ceiling", camera=CAMERA)
    (tmp_path / "store").rename(tmp_path / "away")
    with ThreadPoolExecutor() as threads:
        future = threads.submit(run.obtain, import_background, config, "empty", {"photo": photo})
        with pytest.raises(TimeoutError):
            future.result(timeout=0.5)
        assert not (tmp_path / "store").exists()
        (tmp_path / "away").rename(tmp_path / "store")
        ref = future.result(timeout=60)
    assert (run.store.folder(ref)).is_dir() and run.was_built(ref) and run.count("failed") == 0


def test_a_step_whose_store_stays_away_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(run_context, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(run_context, "_STORE_PATIENCE_S", 0.05)
    write_png(tmp_path / "photo.png", np.zeros((32, 32, 3), np.uint8))
    run = Run(store=Store(tmp_path / "store"), name="short")
    config = BackgroundConfig(name="empty", camera_name="ceiling", camera=CAMERA)
    (tmp_path / "store").rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        run.obtain(import_background, config, "empty", {"photo": SourceFiles({"p": tmp_path / "photo.png"})})

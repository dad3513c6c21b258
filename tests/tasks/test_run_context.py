import json

import numpy as np

from blender_assets.lens import FisheyeEquidistant
from blender_assets.site import Floor, SiteCamera
from tasks.artifacts import SourceFiles, Store
from tasks.backgrounds import BackgroundConfig, import_background
from tasks.images import write_png
from tasks.run_context import Run

CAMERA = SiteCamera(
    lens=FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), height_m=2.8, floor=Floor(radius_m=2.0)
)


def read_record(store: Store) -> dict:
    (path,) = (store.root / "runs").glob("*.json")
    return json.loads(path.read_text())


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

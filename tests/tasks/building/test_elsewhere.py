from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.site import Floor, SiteCamera
from tasks.artifacts.recipe import SourceFiles
from tasks.artifacts.store import Store
from tasks.building.elsewhere import Order
from tasks.building.run_context import Run
from tasks.images.files import write_png
from tasks.sites.backgrounds import BackgroundConfig, import_background

CAMERA = SiteCamera(
    lens=FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), height_m=2.8, floor=Floor(radius_m=2.0)
)
CONFIG = BackgroundConfig(name="empty", camera_name="ceiling", camera=CAMERA)


@pytest.fixture
def photo(tmp_path) -> SourceFiles:
    write_png(tmp_path / "photo.png", np.zeros((32, 32, 3), np.uint8))
    return SourceFiles({"photo.png": tmp_path / "photo.png"})


def build_in(root: Path, order: Order) -> bool:
    """What a worker does with a store at `root`."""
    run = Run(store=Store(root), name="worker")
    run.obtain(import_background, order.config, order.label, order.inputs)
    return run.count("built") == 1


def test_an_artifact_of_a_kind_that_is_sent_is_built_elsewhere_and_found_here(tmp_path, photo):
    store, sent = Store(tmp_path / "store"), []

    def send(order: Order) -> bool:
        sent.append((order.label, order.config))
        return build_in(tmp_path / "store", order)

    run = Run(store=store, name="short", send={"background": send})
    ref = run.obtain(import_background, CONFIG, "the photo", {"photo": photo})
    assert store.find(ref.key) == ref
    assert sent == [("the photo", CONFIG)] and run.was_built(ref)


def test_what_two_runs_order_at_once_counts_as_built_in_the_one_whose_order_built_it(tmp_path, photo):
    store = Store(tmp_path / "store")

    def send_second(order: Order) -> bool:
        first.obtain(import_background, CONFIG, "the photo", {"photo": photo})  # its order was faster
        return build_in(tmp_path / "store", order)

    first, second = (
        Run(store=store, name=name, send={"background": send})
        for name, send in (
            ("first", lambda order: build_in(tmp_path / "store", order)),
            ("second", send_second),
        )
    )
    second.obtain(import_background, CONFIG, "the photo", {"photo": photo})
    assert (first.count("built"), second.count("built"), second.count("reused")) == (1, 0, 1)


def test_what_is_in_the_store_is_not_sent(tmp_path, photo):
    store = Store(tmp_path / "store")
    run = Run(store=store, name="short")
    ref = run.obtain(import_background, CONFIG, "the photo", {"photo": photo})
    again = Run(store=store, name="again", send={"background": lambda order: pytest.fail("sent")})
    assert again.obtain(import_background, CONFIG, "the photo", {"photo": photo}) == ref
    assert again.count("reused") == 1


def test_a_worker_with_another_store_is_found_out(tmp_path, photo):
    run = Run(
        store=Store(tmp_path / "store"),
        name="short",
        send={"background": lambda order: build_in(tmp_path / "other", order)},
    )
    with pytest.raises(
        ValueError, match=r"the photo was built elsewhere, but the store \S+ has no artifact \w{12}"
    ):
        run.obtain(import_background, CONFIG, "the photo", {"photo": photo})
    assert run.count("failed") == 1


def test_waiting_for_another_process_takes_no_slot_of_the_run(tmp_path, photo):
    other = replace(import_background, kind="another kind")

    def send(order: Order) -> bool:
        run.obtain(
            other, CONFIG, "needs the only slot", {"photo": photo}
        )  # would wait for ever if the sender held it
        return build_in(tmp_path / "store", order)

    run = Run(store=Store(tmp_path / "store"), name="short", num_workers=1, send={"background": send})
    run.obtain(import_background, CONFIG, "the photo", {"photo": photo})
    assert run.count("built") == 2

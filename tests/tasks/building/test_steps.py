import ast
import contextlib
import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import tasks
from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.site import Floor, SiteCamera
from tasks.artifacts.code_version import PROJECT_ROOT, _module_file, _reach, _read, known_versions
from tasks.artifacts.recipe import SourceFiles
from tasks.artifacts.store import DamagedError, Store
from tasks.building import steps
from tasks.building.steps import Step
from tasks.images.files import write_png
from tasks.sites.backgrounds import BackgroundConfig, import_background

CONFIG = BackgroundConfig(
    name="room",
    camera_name="ceiling",
    camera=SiteCamera(
        lens=FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180),
        height_m=2.8,
        floor=Floor(radius_m=2.0),
    ),
)
# What shapes numbers, so that another version may give other bytes.
COMPUTING = {"torch", "torchvision", "bpy", "anny"}


@contextlib.contextmanager
def waiting(do: Callable[[], object]) -> Iterator[None]:
    """A slot that becomes free late: meanwhile something happens."""
    do()
    yield


def grey(path: Path, value: int) -> SourceFiles:
    write_png(path, np.full((32, 32, 3), value, np.uint8))
    return SourceFiles({"room.png": path})


def all_steps() -> list[Step]:
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(tasks.__path__, "tasks.")
    ]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Step)]


def imported(path: Path) -> Iterator[str]:
    """Top-level packages that a module imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("replace", [lambda path: grey(path, 200), Path.unlink], ids=["replaced", "deleted"])
def test_a_photo_that_changes_before_it_is_read_gives_no_artifact(tmp_path, replace):
    store, photo = Store(tmp_path / "store"), tmp_path / "photo.png"
    with pytest.raises((ValueError, OSError), match=r"photo\.png"):
        import_background.obtain(
            store, CONFIG, {"photo": grey(photo, 10)}, slots=waiting(lambda: replace(photo))
        )
    assert store.artifact_keys() == []
    built = import_background.obtain(
        store, CONFIG, {"photo": grey(photo, 10)}, slots=contextlib.nullcontext()
    )
    assert (cv2.imread(str(store.folder(built.ref) / "image.png")) == 10).all()


def test_nothing_is_built_from_a_damaged_input(tmp_path):
    store = Store(tmp_path / "store")
    photo = grey(tmp_path / "photo.png", 10)
    background = import_background.obtain(store, CONFIG, {"photo": photo}, slots=contextlib.nullcontext()).ref
    path = store.folder(background) / "image.png"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    again = dataclasses.replace(import_background, kind="again")
    with pytest.raises(DamagedError, match=r"the background .* is damaged .image.png has other bytes"):
        again.obtain(Store(tmp_path / "store"), CONFIG, {"photo": background}, slots=contextlib.nullcontext())
    assert store.artifact_keys() == [background.key]


def test_code_that_changes_before_a_step_is_built_gives_no_artifact(tmp_path, monkeypatch):
    store, photo = Store(tmp_path / "store"), grey(tmp_path / "photo.png", 10)
    recipe = import_background.recipe(CONFIG, {"photo": photo})
    monkeypatch.setattr(type(known_versions(PROJECT_ROOT)), "is_current", lambda known: False)
    changed = "tasks.sites.backgrounds"

    def read(module: str, root: Path):
        source = _read(module, root)
        return source if module != changed else type(source)(source.names, source.stripped + "# saved")

    with monkeypatch.context() as saving:
        saving.setattr("tasks.artifacts.code_version._read", read)
        with pytest.raises(
            ValueError, match=r"the code of tasks\.sites\.backgrounds changed after this run began"
        ):
            import_background.obtain(store, CONFIG, {"photo": photo}, slots=contextlib.nullcontext())
    assert store.find(recipe.key) is None
    assert import_background.obtain(store, CONFIG, {"photo": photo}, slots=contextlib.nullcontext()).was_built


def test_the_first_key_settles_the_code_versions_of_all_steps(tmp_path, monkeypatch):
    declared, asked = all_steps(), list[str]()
    monkeypatch.setattr(steps, "code_version", lambda modules: asked.extend(modules))
    steps._settle_versions.cache_clear()
    import_background.recipe(CONFIG, {"photo": grey(tmp_path / "photo.png", 10)})
    assert {step.build.__module__ for step in declared} <= set(asked)


def test_libraries_that_compute_enter_the_key_of_every_step_that_reaches_them():
    declared = all_steps()
    assert len(declared) > 20
    for step in declared:
        reached = _reach((step.build.__module__,), PROJECT_ROOT)
        used = {name for module in reached for name in imported(_module_file(module, PROJECT_ROOT))}
        assert used & COMPUTING <= set(step.libraries), step.kind


def test_no_step_reaches_the_module_of_another_step():
    """Else a change to one would build again what only reads its files: records and readers have modules of their own."""
    modules = {step.build.__module__ for step in all_steps()}
    reached = {module: (_reach((module,), PROJECT_ROOT) & modules) - {module} for module in modules}
    assert not {module: others for module, others in reached.items() if others}


@pytest.mark.parametrize("page", ["report.page", "report.plain", "sweeping.table", "segmentation.page"])
def test_pages_and_tables_know_no_runtime(page):
    runtime = {"tasks.building.run_context", "tasks.building.child_process", "tasks.building.told_run"}
    assert not _reach((f"tasks.{page}",), PROJECT_ROOT) & runtime

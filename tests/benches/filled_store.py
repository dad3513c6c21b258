"""A store that holds all of a large sweep of `people`: copies of really made artifacts, under the keys that a plan gives.

One tiny run makes an artifact of every kind. The sweep's journey is then walked as a plan walks it, and each step's key gets
the files of the made artifact of its kind and a file of its own, so that contents differ as they would. Published through
the store, each is as whole, as long and as many files as a made one; only no GAN was trained 22 times for it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from flows.configuration.run import RunSettings
from flows.sweeps.config import SweepConfig, list_points, load_sweep
from flows.sweeps.flow import plan_sweep
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store
from tasks.building.run_context import Outcome, Run, going_on
from tasks.building.steps import Step
from tests.flows.tiny_site import SITE, write_tiny_site

REFINERS = PROJECT_ROOT / "flows/configs/people/refiners"
_MADE = ("sweep-point", "sweep-table")  # of copies, by the steps' own functions


@dataclass(frozen=True)
class Scale:
    """How large the sweep is; photos are square."""

    backgrounds: int
    refiners: int
    photo_px: int = 96


def write_example(folder: Path) -> Path:
    """The run file of one tiny run with everything that the points of the sweep have."""
    path = write_tiny_site(folder)
    content = yaml.safe_load(path.read_text())
    content["refiner"] |= {"epochs": None, "steps": 2}
    content["render"] |= {"scenes_per_background": 1, "scenes_per_shard": 1}
    content["arms"] = [["R_train"], ["S"], ["R_train", "S+"]]
    path.write_text(yaml.safe_dump(content))
    return path


def write_sweep(example: Path, scale: Scale) -> Path:
    """A sweep over the first refiners that come with the project, on a site of drawn photos; its store is the example's."""
    folder = example.parent
    rng = np.random.default_rng(1)
    photos = [f"room{number:03d}.jpg" for number in range(scale.backgrounds)]
    for name in photos:
        _write_photo(folder / name, scale.photo_px, rng)
    backgrounds = [{"image": name, "camera": "top"} for name in photos]
    camera = SITE["cameras"]["top"] | {"occluders": []}  # the tiny site's are places in photos of 96 pixels
    site = SITE | {"cameras": {"top": camera}, "backgrounds": backgrounds}
    (folder / "many.yaml").write_text(yaml.safe_dump(site))
    base = yaml.safe_load(example.read_text()) | {"site": "many.yaml"}
    (folder / "base.yaml").write_text(yaml.safe_dump(base))
    files = sorted(REFINERS.glob("*.yaml"))[: scale.refiners]
    sweep = {
        "name": "many",
        "base": "base.yaml",
        "grid": {"refiner": [os.path.relpath(file, folder) for file in files]},
        "set": {"refiner.epochs": None, "refiner.steps": 1000, "refiner.features.weights": "none"},
    }
    path = folder / "sweep.yaml"
    path.write_text(yaml.safe_dump(sweep, sort_keys=False))
    return path


def fill(path: Path) -> tuple[Store, Run]:
    """Publish everything of the sweep into its store; without an example run in it, each artifact is a file of its own."""
    config = load_sweep(path, [])
    store = _config_of(config).store_place.open_to_build()
    run = FillingRun(store, config.name, is_plan=True)
    with going_on(run):
        last = plan_sweep(config)
    assert last is None, last
    return store, run


class FillingRun(Run):
    """Walks like a plan, and publishes a copy of an artifact of the kind where a plan would say that it is missing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._examples = _read_examples(self.store)

    def obtain(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Ref:
        recipe = step.recipe(config, inputs)
        if step.kind in _MADE and self._examples:
            obtained = self._find_or_build(step, config, label, inputs)
        else:
            source = _nearest(self._examples.get(step.kind, []), label)
            obtained = self.store.obtain(recipe, lambda out: _copy(source, out, recipe.key))
        self._record(Outcome(label, step.kind, "reused", obtained.ref.key, num_bytes=obtained.ref.num_bytes))
        return obtained.ref


def _read_examples(store: Store) -> dict[str, list[tuple[str, Path]]]:
    """(label, folder) of the artifacts of the example run, by kind."""
    found: dict[str, list[tuple[str, Path]]] = {}
    for artifact in (item for text in store.records().values() for item in json.loads(text)["artifacts"]):
        ref = store.find(artifact["key"])
        assert ref is not None, artifact
        found.setdefault(artifact["kind"], []).append((artifact["label"], store.folder(ref)))
    return found


def _nearest(examples: list[tuple[str, Path]], label: str) -> Path | None:
    """The one whose label ours continues furthest, as "detect with S: d_s" does "detect with S"; else the first."""
    nearest = max(examples, key=lambda item: len(item[0]) if label.startswith(item[0]) else 0, default=None)
    return nearest and nearest[1]


def _copy(source: Path | None, out: Path, key: str) -> None:
    """Files are linked: a detector has megabytes, and a sweep dozens of them."""
    for path in source.rglob("*") if source else ():
        target = out / path.relative_to(source)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(path)
    (out / "copy_of").write_text(key)


def _write_photo(path: Path, side_px: int, rng: np.random.Generator) -> None:
    """Blotches and grain: about as many bytes as a photo has."""
    coarse = rng.integers(40, 215, (side_px // 16 + 1, side_px // 16 + 1, 3), dtype=np.uint8)
    image = np.asarray(Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC))
    grain = rng.integers(-8, 9, image.shape, dtype=np.int16)
    Image.fromarray(np.clip(image + grain, 0, 255).astype(np.uint8)).save(path, quality=90)


def _config_of(config: SweepConfig) -> RunSettings:
    return list_points(config)[0].config

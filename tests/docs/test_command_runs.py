"""Commands of the pages that no other test runs so: over the pages' own files, and a small store."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from flows.commands.command_line import main
from flows.pipelines.loading import load_run
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.datasets.annotations import AnnotatedImage, Annotation, write_coco
from tests.docs.pages import PAGES, blocks, flows_commands

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
SIZE_PX = 1024
MIDDLE = (SIZE_PX / 2, SIZE_PX / 2)


def files_of(page: str) -> dict[str, str]:
    """The first site file and the first run file of a page, which lies beside it."""
    found: dict[str, str] = {}
    for block in blocks(page, "yaml"):
        content = yaml.safe_load(block)
        if "cameras" in content or "real_images" in content:
            found.setdefault("site.yaml" if "cameras" in content else "run.yaml", block)
    return found


def write_place(folder: Path, page: str) -> None:
    """The files of a page, with the photo and the annotated images that they name."""
    for name, text in files_of(page).items():
        (folder / name).write_text(text)
    rng = np.random.default_rng(0)
    site, run = (yaml.safe_load((folder / name).read_text()) for name in ("site.yaml", "run.yaml"))
    write_photo(folder / site["backgrounds"][0]["image"], rng)
    place = folder / run["real_images"]["annotations"]
    images = folder / run["real_images"].get("images", place)
    annotations = place if place.suffix else place / "annotations.json"
    names = [f"{day}_{number}.jpg" for day in DAYS for number in range(2)]
    for name in names:
        write_photo(images / name, rng)
    boxes = tuple(
        Annotation(target, (x, 300.0, x + size, 300.0 + size), 1)
        for target, x, size in (("person", 200.0, 90.0), ("head", 230.0, 30.0))
    )
    write_coco(annotations, [AnnotatedImage(name, SIZE_PX, SIZE_PX, MIDDLE, boxes) for name in names])


def write_photo(path: Path, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = rng.integers(0, 255, (8, 8, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, (SIZE_PX, SIZE_PX)))


def command_of(page: str, *words: str) -> list[str]:
    """The first command of a page that has these words, and no other options."""
    return next(
        found
        for found in flows_commands(page)
        if set(words) <= set(found) and all(word in words for word in found if word.startswith("--"))
    )


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """Where a person types: a folder in which the project's files are seen."""
    (tmp_path / "flows").symlink_to(PROJECT_ROOT / "flows")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["README.md", "docs/own_site.md"])
def test_the_site_and_run_of_a_page_are_planned_and_explained(page, place, capsys):
    write_place(place, page)
    assert main(command_of(page, "run", "--dry-run")) == 0
    output = capsys.readouterr().out
    assert "scenes_per_background:" in output and "build  import " in output and " to build" in output
    assert main(["explain", "run.yaml"]) == 0
    assert "0 hit" in capsys.readouterr().out


def test_the_sweep_of_the_page_is_planned(place, capsys):
    write_place(place, "docs/own_site.md")
    (sweep,) = (block for block in blocks("docs/sweeps.md", "yaml") if "grid:" in block)
    (place / "sweep.yaml").write_text(sweep)
    assert main(command_of("docs/sweeps.md", "sweep", "--dry-run")) == 0
    output = capsys.readouterr().out
    assert output.startswith("9 points: ") and "c_cp_s, refiner_seed 0" in output and " to build" in output
    assert main(["explain", "sweep.yaml"]) == 0


def test_the_pipelines_are_listed(capsys):
    assert main(command_of("README.md", "pipelines")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "people",
        "pretraining",
        "segment",
        "cycle_segmentation",
        "night",
        "soiling",
    ]
    assert lines[1].split() == ["e.g.", "flows/configs/people/demo.yaml"]


@pytest.fixture
def store(place) -> Store:
    """The usual store with the run `demo`: one rendered scene."""
    store = Store(place / "verisim-store")

    def build(out: Path) -> None:
        write_photo(out / "images/00000.png", np.random.default_rng(0))
        seen = (Annotation("person", (2.0, 3.0, 12.0, 20.0), 1),)
        image = AnnotatedImage("images/00000.png", SIZE_PX, SIZE_PX, MIDDLE, seen)
        write_coco(out / "annotations.json", [image])

    ref = store.obtain(Recipe("refined-scenes", {"of": "noon"}, {}, (), ()), build).ref
    artifacts = [{"kind": "refined-scenes", "key": ref.key, "label": "reinsert S+ of noon"}]
    record = {"run": "demo", "started": 1.0, "status": "completed", "artifacts": artifacts, "config": {}}
    (store.root / "runs/demo-1.json").write_text(json.dumps(record))
    return store


def test_a_store_is_looked_into(store, capsys):
    (key,) = store.artifact_keys()
    assert main([*command_of("docs/refiners.md", "artifacts", "show")[:-1], key[:12]]) == 0
    output = capsys.readouterr().out
    assert output.startswith("files at: ") and "kind: refined-scenes" in output
    assert main(command_of("docs/operations.md", "artifacts", "verify")) == 0
    assert "1 artifacts checked by size, 0 damaged" in capsys.readouterr().out
    assert main(command_of("docs/upgrading.md", "artifacts", "gc", "--keep-last", "--dry-run")) == 0
    assert "would free 0 bytes: 0 artifacts" in capsys.readouterr().out
    assert store.artifact_keys() == [key]


def test_scenes_are_exported_as_the_page_says(store, place, capsys):
    assert (
        main(command_of("docs/formats.md", "export", "--format", "--to", "--target", "--min-visibility")) == 0
    )
    assert "1 images, 1 boxes of person, as yolo" in capsys.readouterr().out
    assert sorted(path.name for path in (place / "exported_refined").iterdir()) == [
        "card.json",
        "card.md",
        "data.yaml",
        "images",
        "labels",
    ]


def test_every_override_of_a_page_is_read(place):
    write_place(place, "docs/own_site.md")
    overrides = {
        words[number + 1]
        for page in PAGES
        for words in flows_commands(page)
        if words[0] != "soil"  # whose settings are its own; its test reads them
        for number, word in enumerate(words)
        if word == "--set" and not words[number + 1].startswith(("line.", "output=weights"))
    }
    assert len(overrides) >= 4
    for override in overrides:
        _, before = load_run(place / "run.yaml", [])
        _, config = load_run(place / "run.yaml", [override])
        assert config.name == "meeting-room" and config != before, override

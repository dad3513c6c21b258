"""`python -m flows export` over a store with one run."""

import json
from pathlib import Path

import numpy as np
import pytest

from flows.commands.command_line import USER_ERROR, main
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.store import Store
from tasks.datasets.annotations import AnnotatedImage, Annotation, read_coco, write_coco
from tasks.images.files import write_png


def build_scenes(out: Path, background: str) -> None:
    """One image called 00000.png, as every background's first scene is."""
    box = Annotation("person", (2.0, 3.0, 12.0, 20.0), 1, rotated_box=(7.0, 11.5, 10.0, 17.0, 0.0))
    image = AnnotatedImage("images/00000.png", 40, 30, (20.0, 15.0), (box,), extra={"background": background})
    write_png(out / image.file_name, np.zeros((30, 40, 3), np.uint8))
    write_coco(out / "annotations.json", [image])


@pytest.fixture
def store(tmp_path: Path) -> tuple[Path, list[Ref]]:
    """A store with the run `demo`: scenes over two backgrounds, and an artifact without images."""
    store = Store(tmp_path / "store")
    refs = [
        store.obtain(Recipe("scenes", {"of": name}, {}, (), ()), lambda out, n=name: build_scenes(out, n)).ref
        for name in ("noon", "evening")
    ]
    other = store.obtain(Recipe("report", {}, {}, (), ()), lambda out: (out / "a.txt").write_text("x")).ref
    artifacts = [{"kind": ref.kind, "key": ref.key, "label": ""} for ref in (*refs, other)]
    for started, listed in ((1.0, artifacts[:1]), (2.0, artifacts)):
        config = {"name": "demo", "licence": "CC0", "store": "/somewhere"}
        record = {"run": "demo", "started": started, "artifacts": listed, "config": config}
        (store.root / "runs" / f"{started}.json").write_text(json.dumps(record))
    return store.root, [*refs, other]


def export(root: Path, source: str, to: Path, *more: str) -> int:
    return main(["export", source, "--store", str(root), "--to", str(to), *more])


def test_a_run_s_scenes_of_all_backgrounds_are_exported_under_names_of_their_own(store, tmp_path, capsys):
    assert export(store[0], "demo:S", tmp_path / "out", "--format", "coco", "--target", "person") == 0
    assert "2 images, 2 boxes of person, as coco" in capsys.readouterr().out
    names = [image.file_name for image in read_coco(tmp_path / "out/annotations.json")]
    assert names == ["images/noon_00000.png", "images/evening_00000.png"]
    origin = json.loads((tmp_path / "out/card.json").read_text())["origin"]
    assert (origin["source"], origin["licence"]) == ("demo:S", "CC0")
    assert [item["key"] for item in origin["artifacts"]] == [ref.key for ref in store[1][:2]]
    assert origin["configuration"] == {"name": "demo", "licence": "CC0"}  # no place on this machine
    assert all((tmp_path / "out" / name).is_file() for name in names)


def test_scenes_of_a_shared_store_are_exported_on_another_host(tmp_path):
    url = f"memory://{tmp_path}"
    shared = StorePlace(url, str(tmp_path / "here")).open()
    ref = shared.obtain(Recipe("scenes", {}, {}, (), ()), lambda out: build_scenes(out, "noon")).ref
    options = ["--store", url, "--store-cache", str(tmp_path / "there"), "--format", "coco"]
    assert main(["export", ref.key[:12], *options, "--to", str(tmp_path / "out")]) == 0
    assert [image.file_name for image in read_coco(tmp_path / "out/annotations.json")] == [
        "images/noon_00000.png"
    ]


def test_one_artifact_is_exported_by_the_first_digits_of_its_key(store, tmp_path):
    assert export(store[0], store[1][1].key[:10], tmp_path / "out", "--format", "rotated") == 0
    assert (tmp_path / "out/labels/evening_00000.txt").read_text() == "person 7.00 11.50 10.00 17.00 0.00\n"


def test_a_sweep_has_no_single_set_of_scenes(store, tmp_path, capsys):
    record = {"run": "demo", "started": 3.0, "artifacts": [], "config": {"sections": []}}
    (store[0] / "runs/3.0.json").write_text(json.dumps(record))
    assert export(store[0], "demo:S+", tmp_path / "out", "--format", "coco") == USER_ERROR
    assert "'demo' is a sweep, each of whose points has its own S+" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("demo:S+", "made no S+"),
        ("demo:R", "allowed are demo:S and demo:S+"),
        ("other:S", "its runs are: demo"),
        ("ffff", "no artifact has a key"),
    ],
)
def test_a_source_that_is_not_there_is_one_clear_line(store, tmp_path, capsys, source, words):
    assert export(store[0], source, tmp_path / "out", "--format", "yolo") == USER_ERROR
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_artifact_without_images_is_refused_with_its_kind(store, tmp_path, capsys):
    assert export(store[0], store[1][2].key, tmp_path / "out", "--format", "voc") == USER_ERROR
    assert "is of the kind report" in capsys.readouterr().err


def test_detections_are_exported_by_their_label_with_the_images_that_they_are_of(tmp_path, capsys):
    store = Store(tmp_path / "store")
    images = store.obtain(Recipe("real-images", {}, {}, (), ()), lambda out: build_scenes(out, "noon")).ref
    prepared = store.obtain(
        Recipe("detection-set", {"target": "person"}, {"images": (images,)}, (), ()),
        lambda out: (out / "images.json").write_text("[]"),
    ).ref
    entry = {"name": "images/00000.png", "boxes_xyxy": [[4, 3, 12, 18], [0, 0, 9, 9]], "scores": [0.5, 0.2]}
    found = store.obtain(
        Recipe("detections", {}, {"images": prepared}, (), ()),
        lambda out: (out / "detections.json").write_text(json.dumps({"images": [entry]})),
    ).ref
    artifacts = [{"kind": "detections", "key": found.key, "label": "detect with S"}]
    (store.root / "runs/1.json").write_text(
        json.dumps({"run": "demo", "started": 1.0, "artifacts": artifacts})
    )
    surer = ("--format", "yolo", "--min-score", "0.3")
    assert export(store.root, "demo:detect with S", tmp_path / "out", *surer) == 0
    assert "1 images, 1 detections of person, as yolo" in capsys.readouterr().out
    # 40 x 30 px: centre (8, 10.5), size 8 x 15.
    words = (tmp_path / "out/labels/00000.txt").read_text().split()
    assert [float(word) for word in words] == pytest.approx([0, 0.2, 0.35, 0.2, 0.5, 0.5])
    assert export(store.root, found.key, tmp_path / "other", "--format", "rotated") == USER_ERROR
    assert "detections are upright boxes; choose one of coco, yolo, voc" in capsys.readouterr().err
    assert export(store.root, "demo:detect with R", tmp_path / "other", "--format", "coco") == USER_ERROR
    assert "allowed are demo:S and demo:S+, 'demo:detect with S'" in capsys.readouterr().err

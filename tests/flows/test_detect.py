"""`python -m flows detect` with a detector that a few steps trained."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from flows.command_line import USER_ERROR, main
from models.checkpoints import load_checkpoint, save_checkpoint
from models.detection.detecting import detect
from tasks.artifacts import Recipe, Store
from tasks.images import read_image, write_png
from tests.models.detection.test_detector_training import TINY, VAL, run

EVERYTHING = ("--threshold", "0")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A store with a detector and something else, and a folder with one photo at twice the detector's size."""
    folder = tmp_path_factory.mktemp("detect")
    state = run(replace(TINY, steps=2))
    store = Store(folder / "store")
    heads = Recipe("detection-set", {"target": "head"}, {}, (), ())
    val = store.obtain(heads, lambda out: (out / "a.txt").write_text("x")).ref
    recipe = Recipe("detector", {}, {"val": val}, (), ())
    store.obtain(recipe, lambda out: save_checkpoint(out / "detector.pt", state))
    store.obtain(Recipe("report", {}, {}, (), ()), lambda out: (out / "a.txt").write_text("x"))
    item = {"kind": "detector", "key": recipe.key, "label": "train detector on R_train"}
    record = {"run": "demo", "started": 1.0, "artifacts": [item], "config": {}}
    (store.root / "runs/1.json").write_text(json.dumps(record))
    save_checkpoint(folder / "detector.pt", state)
    write_png(folder / "photos/a.png", VAL.images_nhwc[0])
    write_png(folder / "photos/b.png", VAL.images_nhwc[0].repeat(2, 0).repeat(2, 1))
    return folder


def key_of(place: Path, kind: str) -> str:
    return next(each.key for each in Store(place / "store").manifests() if each.kind == kind)


def command(place: Path, model: str, *more: str) -> int:
    return main(["detect", model, str(place / "photos"), "--store", str(place / "store"), *more])


def test_a_photo_at_the_detectors_size_gets_the_boxes_of_the_library(place, capsys):
    assert command(place, str(place / "detector.pt"), *EVERYTHING) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    state = load_checkpoint(place / "detector.pt", kind="detector")
    expected = detect(state, VAL.images_nhwc[:1], precision="fp32")[0]
    assert line["image"] == "a.png"
    assert len(line["scores"]) > 0
    np.testing.assert_allclose(line["boxes_xyxy"], expected.boxes_xyxy, atol=0.06)
    np.testing.assert_allclose(line["scores"], expected.scores, atol=1e-4)


def test_boxes_are_in_the_pixels_of_the_photo_and_drawn_there(place, tmp_path, capsys):
    assert command(place, key_of(place, "detector")[:12], *EVERYTHING, "--to", str(tmp_path / "out")) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert np.max(lines[0]["boxes_xyxy"]) <= 128 < np.max(lines[1]["boxes_xyxy"]) <= 256
    drawn = read_image(tmp_path / "out/b.png")
    assert drawn.shape == (192, 256, 3)
    assert (drawn != read_image(place / "photos/b.png")).any()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--threshold", "2"), "--threshold must be in 0..1, but was 2.0"),
        (("--store", "/nowhere"), "there is no store at"),
        (("--to", "{photos}"), "where the photos are, which drawings would replace"),
    ],
)
def test_a_wrong_value_is_one_clear_line(place, capsys, more, words):
    assert command(place, "ffff", *(each.format(photos=place / "photos") for each in more)) == USER_ERROR
    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there_is_called_a_file(place, capsys):
    for name in ("nope.onnx", "nope.pt"):
        assert command(place, name) == USER_ERROR
        assert (
            f"there is no file {name}; give a detector's file, RUN:ARM, or a key" in capsys.readouterr().err
        )


def test_what_is_no_detector_and_no_image_is_refused(place, tmp_path, capsys):
    (tmp_path / "README.md").write_text("words")
    assert command(place, str(tmp_path / "README.md")) == USER_ERROR
    error = capsys.readouterr().err
    assert "README.md is not a file of tensors that torch.save wrote" in error and "weights_only" not in error
    assert command(place, key_of(place, "report")) == USER_ERROR
    assert "is of the kind report, but a detector is needed" in capsys.readouterr().err
    assert main(["detect", str(place / "detector.pt"), str(place / "store")]) == USER_ERROR
    assert "neither an image nor a folder with" in capsys.readouterr().err


def lines_of(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_exported_detector_gives_the_lines_of_its_checkpoint(place, tmp_path, capsys):
    to = tmp_path / "new/detector.onnx"
    assert main(["export-detector", "demo:R_train", "--to", str(to), "--store", str(place / "store")]) == 0
    assert "boxes of head in images of 128 x 96 px" in capsys.readouterr().out
    assert command(place, str(to), *EVERYTHING) == 0
    of_graph = lines_of(capsys)
    assert command(place, str(place / "detector.pt"), *EVERYTHING) == 0
    for found, expected in zip(of_graph, lines_of(capsys), strict=True):
        assert found["image"] == expected["image"]
        assert len(expected["scores"]) > 0
        # One step of the last printed digit, where rounding falls to the other side.
        np.testing.assert_allclose(found["boxes_xyxy"], expected["boxes_xyxy"], atol=0.11)
        np.testing.assert_allclose(found["scores"], expected["scores"], atol=1.1e-4)
    metadata = onnxruntime.InferenceSession(to).get_modelmeta().custom_metadata_map
    assert json.loads(metadata["classes"]) == ["head"]
    assert json.loads(metadata["artifact"]) == key_of(place, "detector")
    state = load_checkpoint(place / "detector.pt", kind="detector")
    assert json.loads(metadata["threshold"]) == state["best"]["threshold"]


def test_a_graph_is_written_to_an_onnx_file_only(place, tmp_path, capsys):
    assert main(["export-detector", str(place / "detector.pt"), "--to", str(tmp_path / "a.pt")]) == USER_ERROR
    assert "--to must be a file that ends in .onnx" in capsys.readouterr().err


def test_an_onnx_file_that_is_no_graph_is_refused(place, tmp_path, capsys):
    (tmp_path / "a.onnx").write_text("no graph")
    assert command(place, str(tmp_path / "a.onnx")) == USER_ERROR
    assert "a.onnx is not a graph that onnxruntime reads" in capsys.readouterr().err

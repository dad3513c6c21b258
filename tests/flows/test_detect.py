"""`python -m flows detect` with a detector that a few steps trained."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
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
    store.obtain(Recipe("detector", {}, {}, (), ()), lambda out: save_checkpoint(out / "detector.pt", state))
    store.obtain(Recipe("report", {}, {}, (), ()), lambda out: (out / "a.txt").write_text("x"))
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
    expected = detect(load_checkpoint(place / "detector.pt", kind="detector"), VAL.images_nhwc[:1])[0]
    assert line["image"] == "a.png"
    assert len(line["scores"]) > 0
    np.testing.assert_allclose(line["boxes_xyxy"], expected.boxes_xyxy, atol=0.06)
    np.testing.assert_allclose(line["scores"], expected.scores, atol=1e-4)


def test_boxes_are_in_the_pixels_of_the_photo_and_drawn_there(place, tmp_path, capsys):
    assert command(place, key_of(place, "detector")[:12], *EVERYTHING, "--to", str(tmp_path / "out")) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert np.max(lines[0]["boxes_xyxy"]) <= 128 < np.max(lines[1]["boxes_xyxy"]) <= 256
    drawn = read_image(tmp_path / "out/b.png.png")
    assert drawn.shape == (192, 256, 3)
    assert (drawn != read_image(place / "photos/b.png")).any()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--threshold", "2"), "--threshold must be in 0..1, but was 2.0"),
        (("--store", "/nowhere"), "there is no store at"),
    ],
)
def test_a_wrong_value_is_one_clear_line(place, capsys, more, words):
    assert command(place, "ffff", *more) == USER_ERROR
    assert words in capsys.readouterr().err


def test_what_is_no_detector_and_no_image_is_refused(place, capsys):
    assert command(place, key_of(place, "report")) == USER_ERROR
    assert "is of the kind report, but a detector is needed" in capsys.readouterr().err
    assert main(["detect", str(place / "detector.pt"), str(place / "store")]) == USER_ERROR
    assert "neither an image nor a folder with" in capsys.readouterr().err

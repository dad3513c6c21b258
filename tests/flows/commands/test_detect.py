"""`python -m flows detect` with a detector that a few steps trained."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from flows.commands.command_line import INTERRUPTED, USER_ERROR, main
from models.detection import people_synthetic
from models.detection.detecting import detect
from models.detection.detector_files import load_detector_file
from models.training.checkpoints import load_checkpoint, save_checkpoint
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.images.files import read_image, write_png, write_png_at_once
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
        (("--to", "{photos}/a.png"), "a.png, which is a file; give a folder for the drawings"),
    ],
)
def test_a_wrong_value_is_one_clear_line(place, capsys, more, words):
    assert command(place, "ffff", *(each.format(photos=place / "photos") for each in more)) == USER_ERROR
    assert words in capsys.readouterr().err


def test_the_start_weights_of_rendered_people_detect_as_they_are(place, capsys):
    assert command(place, "people_synthetic", *EVERYTHING) == 0
    lines = lines_of(capsys)
    assert [line["image"] for line in lines] == ["a.png", "b.png"] and all(line["scores"] for line in lines)
    assert command(place, "people_synthetic") == 0
    threshold = load_detector_file(people_synthetic.PATH)["best"]["threshold"]
    assert all(score >= threshold for line in lines_of(capsys) for score in line["scores"])


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


def detect_in(place: Path, photos: Path, *more: str) -> int:
    return main(["detect", str(place / "detector.pt"), str(photos), *EVERYTHING, *more])


def test_a_folder_of_phone_photos_gets_a_line_for_each(place, tmp_path, capsys):
    photos = Path(__file__).parents[2] / "cases/detect_folder/photos"
    assert detect_in(place, photos, "--to", str(tmp_path / "found")) == 0
    assert [line["image"] for line in lines_of(capsys)] == [
        "01_ok.jpg",
        "02_exif6.jpg",
        "10.webp",
        "24_upper.JPG",
    ]
    # Stored as 80 x 60 pixels and turned a quarter, as viewers do.
    assert read_image(tmp_path / "found/02_exif6.png").shape == (80, 60, 3)
    assert read_image(tmp_path / "found/01_ok.png").shape == (60, 80, 3)
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == [
        "01_ok.png", "02_exif6.png", "10.png", "24_upper.png",
    ]  # fmt: skip


def test_boxes_of_a_turned_photo_are_those_of_the_same_photo_stored_upright(place, tmp_path, capsys):
    exif = Image.Exif()
    exif[0x0112] = 8  # turned anticlockwise by viewers
    stored = np.rot90(VAL.images_nhwc[0], -1)
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    write_png(tmp_path / "b.png", VAL.images_nhwc[0])
    assert detect_in(place, tmp_path) == 0
    turned, upright = lines_of(capsys)
    assert len(upright["scores"]) > 0
    assert turned["boxes_xyxy"] == upright["boxes_xyxy"] and turned["scores"] == upright["scores"]


def test_a_bad_photo_costs_its_own_line_and_what_is_left_out_is_named(place, tmp_path, capsys):
    for name in ("a.png", "d.PNG"):
        write_png(tmp_path / name, VAL.images_nhwc[0])
    (tmp_path / "b.jpg").write_bytes(b"no image")
    (tmp_path / "c.heic").write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(50))
    for name in ("notes.txt", "clip.mp4", "._a.jpg", ".DS_Store", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "old.jpg").mkdir()
    assert detect_in(place, tmp_path, "--to", str(tmp_path / "found")) == 1
    output = capsys.readouterr()
    assert [json.loads(line)["image"] for line in output.out.splitlines()] == ["a.png", "d.PNG"]
    assert output.err.splitlines() == [
        f"error: {tmp_path}/b.jpg cannot be read as an image (of a kind that is known here); copy or export it again",
        f"error: {tmp_path}/c.heic is a HEIC photo, which is not read here; convert it, e.g. "
        "`heif-convert in.heic out.jpg`, or let the phone save JPEG",
        "left out: clip.mp4, notes.txt (2 in all; no images by their endings)",
        "left out: old.jpg (1 in all; folders are not entered)",
        "2 of 4 photos could not be read",
    ]
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == ["a.png", "d.png"]


def test_a_single_bad_photo_is_a_mistake(place, tmp_path, capsys):
    (tmp_path / "b.jpg").write_bytes(b"no image")
    assert detect_in(place, tmp_path / "b.jpg") == USER_ERROR
    assert "b.jpg cannot be read as an image" in capsys.readouterr().err


def test_a_folder_without_photos_says_what_it_holds(place, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("x")
    assert detect_in(place, tmp_path) == USER_ERROR
    assert "there are notes.txt (1 in all; no images by their endings)" in capsys.readouterr().err


def test_ctrl_c_leaves_whole_drawings_and_the_exit_code_of_an_interrupt(place, tmp_path):
    write_png(tmp_path / "photos/000.png", VAL.images_nhwc[0].repeat(6, 0).repeat(6, 1))
    for number in range(1, 200):
        shutil.copyfile(tmp_path / "photos/000.png", tmp_path / f"photos/{number:03d}.png")
    command = [sys.executable, "-m", "flows", "detect", str(place / "detector.pt"), str(tmp_path / "photos")]
    child = subprocess.Popen(
        [*command, "--to", str(tmp_path / "found")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Where the tests themselves run in the background, a shell has told them to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert child.stdout is not None
    for _ in range(3):
        child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=240)
    assert child.returncode == INTERRUPTED and error.decode().splitlines() == ["stopped"]
    drawn = sorted((tmp_path / "found").iterdir())
    assert 3 <= len(drawn) < 200
    assert all(path.suffix == ".png" and read_image(path).shape == (576, 768, 3) for path in drawn)


def test_the_help_says_which_pixels_are_meant(capsys):
    with pytest.raises(SystemExit):
        main(["detect", "--help"])
    assert "boxes are in pixels of the image as they show it" in " ".join(capsys.readouterr().out.split())


def test_a_drawing_may_have_as_long_a_name_as_its_photo(place, tmp_path, capsys):
    name = 251 * "a" + ".png"
    write_png_at_once(tmp_path / "photos" / name, VAL.images_nhwc[0])
    assert detect_in(place, tmp_path / "photos", "--to", str(tmp_path / "found")) == 0
    assert [path.name for path in (tmp_path / "found").iterdir()] == [name]


def test_what_is_no_file_says_so(place, tmp_path, capsys):
    assert detect_in(place, tmp_path / "nowhere") == USER_ERROR
    assert f"there is no photo and no folder {tmp_path}/nowhere; check the path" in capsys.readouterr().err
    (tmp_path / "a.jpg").symlink_to("moved/away.jpg")
    assert detect_in(place, tmp_path / "a.jpg") == USER_ERROR
    os.mkfifo(tmp_path / "b.jpg")
    assert detect_in(place, tmp_path) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"error: {tmp_path}/a.jpg is a link to moved/away.jpg, where no image is; copy the image itself there",
        f"error: {tmp_path}/a.jpg is a link to moved/away.jpg, where no image is; copy the image itself there",
        f"error: {tmp_path}/b.jpg is neither a file nor a link to one; copy the image itself there",
        "2 of 2 photos could not be read",
    ]

"""`python -m flows segment` and `export-segmenter` over a small ERFNet whose answers differ from pixel to pixel."""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from flows.commands.command_line import USER_ERROR, main
from models.segmentation.applying import load_segmenter, segment
from models.training.checkpoints import load_checkpoint, save_checkpoint
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.class_tables.table import ClassTable, Label
from tasks.formats.segmenters import KEY, TrainedOn
from tasks.images.files import read_image, write_png
from tests.models.segmentation.test_onnx_export import IMAGES, make_state, spread_answers
from tests.models.segmentation.toy_street import HEIGHT_PX, WIDTH_PX

COLORS = ((70, 130, 180), (128, 64, 128), (0, 0, 142), None)
NAMES = ("sky", "road", "car", "tree")
TABLE = ClassTable(
    name="toy",
    labels=tuple(
        Label(name=name, id=10 * number + 7, train_id=number, color=color)
        for number, (name, color) in enumerate(zip(NAMES, COLORS, strict=True))
    ),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A segmenter as a file and in a store, of the run `town`; photos at the segmenter's size and larger."""
    folder = tmp_path_factory.mktemp("segment")
    seen = TrainedOn(classes=TABLE, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    state = spread_answers(make_state("erfnet", width=0.25), "output.bias")
    state = state | {KEY: seen.model_dump(mode="json")}
    store, items = Store(folder / "store"), []
    for arm in ("plain", "dark"):
        recipe = Recipe("segmenter", {"of": arm}, {}, (), ())
        store.obtain(recipe, lambda out: save_checkpoint(out / "segmenter.pt", state))
        items.append({"kind": "segmenter", "key": recipe.key, "label": f"train segmenter on {arm}, seed 0"})
    record = {"run": "town", "started": 1.0, "artifacts": items, "config": {}}
    (store.root / "runs/1.json").write_text(json.dumps(record))
    save_checkpoint(folder / "segmenter.pt", state)
    write_png(folder / "photos/a.png", IMAGES[0])
    write_png(folder / "photos/b.png", IMAGES[1].repeat(3, 0).repeat(3, 1))
    return folder


def command(place: Path, model: str, photos: Path, to: Path, *more: str) -> int:
    places = ("--to", str(to), "--store", str(place / "store"))
    return main(["segment", model, str(photos), *places, *more])


def library_labels(place: Path, images: np.ndarray) -> np.ndarray:
    state = load_checkpoint(place / "segmenter.pt", kind="segmenter")
    return segment(load_segmenter(state, device="cpu", precision="fp32"), images)


def test_a_photo_at_the_trained_size_gets_the_labels_of_the_library(place, tmp_path, capsys):
    assert command(place, str(place / "segmenter.pt"), place / "photos", tmp_path) == 0
    expected = library_labels(place, IMAGES[:1])[0]
    with Image.open(tmp_path / "labels/a.png") as picture:
        assert picture.mode == "P"
        np.testing.assert_array_equal(np.asarray(picture), expected)
        shown = np.asarray(picture.convert("RGB"))
    assert (shown[expected == 1] == COLORS[1]).all() and shown[expected == 3].any()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["image"] for line in lines] == ["a.png", "b.png"]
    assert lines[0]["shares"]["road"] == pytest.approx((expected == 1).mean(), abs=1e-6)
    assert sum(lines[1]["shares"].values()) == pytest.approx(1, abs=1e-5)


def test_a_larger_photo_gets_labels_and_an_overlay_at_its_own_size(place, tmp_path):
    assert command(place, "town", place / "photos", tmp_path, "--values", "ids") == 0
    with Image.open(tmp_path / "labels/b.png") as picture:
        labels = np.asarray(picture)
        palette = np.array(picture.getpalette()).reshape(-1, 3)
    assert labels.shape == (3 * HEIGHT_PX, 3 * WIDTH_PX) and set(np.unique(labels)) <= {7, 17, 27, 37}
    assert [tuple(palette[value]) for value in (7, 17, 27)] == list(COLORS[:3])
    # Scaled down by areas it is the library's image again, whose labels its middles then have but for ties.
    small = library_labels(place, IMAGES[1:2])[0]
    assert ((labels[1::3, 1::3] - 7) // 10 == small).mean() > 0.98
    assert read_image(tmp_path / "overlays/b.jpg").shape == (*labels.shape, 3)
    assert read_image(tmp_path / "legend.png").shape[0] > 4 * 20


def test_the_table_of_shares_has_a_row_a_photo(place, tmp_path):
    for _ in range(2):
        assert command(place, "town:dark", place / "photos", tmp_path) == 0
    with (tmp_path / "shares.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["image", *NAMES] and [row[0] for row in rows] == ["a.png", "b.png"]
    labels = np.asarray(Image.open(tmp_path / "labels/a.png"))
    assert [float(share) for share in rows[0][1:]] == pytest.approx(
        [(labels == number).mean() for number in range(4)], abs=1e-6
    )


def test_the_exported_segmenter_gives_the_labels_of_its_checkpoint(place, tmp_path, capsys):
    to = tmp_path / "new/segmenter.onnx"
    store = ("--store", str(place / "store"))
    assert main(["export-segmenter", "town:plain:0", "--to", str(to), *store]) == 0
    assert f"4 classes in images of {WIDTH_PX} x {HEIGHT_PX} px" in capsys.readouterr().out
    assert command(place, str(to), place / "photos", tmp_path / "graph") == 0
    assert command(place, str(place / "segmenter.pt"), place / "photos", tmp_path / "torch") == 0
    for name in ("a.png", "b.png"):
        found, expected = (
            np.asarray(Image.open(tmp_path / f"{kind}/labels/{name}")) for kind in ("graph", "torch")
        )
        # Where two classes are as likely to the last digit, rounding decides.
        assert (found != expected).mean() < 2e-3 and len(np.unique(expected)) >= 3
    metadata = onnxruntime.InferenceSession(to).get_modelmeta().custom_metadata_map
    assert json.loads(metadata["classes"]) == list(NAMES)
    assert main(["export-segmenter", "town", "--to", str(tmp_path / "a.pt"), *store]) == USER_ERROR
    assert "--to must be a file that ends in .onnx" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("village", "the store has no run 'village'; its runs are: town"),
        ("abba", "no artifact has a key that starts with 'abba'"),
        ("village:plain", "the store has no run 'village'; its runs are: town"),
        ("town:bright", "its segmenters are: 'town:plain:0', 'town:dark:0'"),
        ("nope.pt", "there is no file nope.pt; give a segmenter's file, RUN:ARM, or a key"),
        ("{photos}/a.png", "a.png is not a file of tensors that torch.save wrote"),
    ],
)
def test_a_model_that_is_not_there_is_one_clear_line(place, tmp_path, capsys, model, words):
    named = model.format(photos=place / "photos")
    assert command(place, named, place / "photos", tmp_path / "out") == USER_ERROR
    error = capsys.readouterr().err
    assert words in error and len(error.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_no_photo_is_replaced(place, tmp_path, capsys):
    model = str(place / "segmenter.pt")
    photos = tmp_path / "overlays"
    write_png(photos / "legend.png", IMAGES[0])
    before = (photos / "legend.png").read_bytes()
    for to in (photos, tmp_path):
        assert command(place, model, photos, to) == USER_ERROR
        assert "where the photos are, which drawings would replace" in capsys.readouterr().err
    assert command(place, model, photos, photos / "legend.png") == USER_ERROR
    assert "legend.png, which is a file; give a folder" in capsys.readouterr().err
    assert (photos / "legend.png").read_bytes() == before


def test_photos_of_one_name_keep_pictures_of_their_own_and_a_bad_one_costs_its_line(place, tmp_path, capsys):
    write_png(tmp_path / "photos/a.png", IMAGES[0])
    Image.fromarray(IMAGES[1]).convert("L").save(tmp_path / "photos/a.jpg")
    (tmp_path / "photos/b.jpg").write_bytes(b"no image")
    write_png(tmp_path / "photos/tall.png", IMAGES[0][:, :1])
    assert command(place, str(place / "segmenter.pt"), tmp_path / "photos", tmp_path / "out") == 1
    output = capsys.readouterr()
    assert output.err.splitlines() == [
        f"error: {tmp_path}/photos/b.jpg cannot be read as an image (of a kind that is known here); "
        "copy or export it again",
        "1 of 4 photos could not be read",
    ]
    names = sorted(path.name for path in (tmp_path / "out/labels").iterdir())
    assert names == ["a.jpg.png", "a.png.png", "tall.png"]
    assert np.asarray(Image.open(tmp_path / "out/labels/tall.png")).shape == (HEIGHT_PX, 1)


def test_a_file_of_the_wrong_kind_is_refused(place, tmp_path, capsys):
    save_checkpoint(tmp_path / "detector.pt", {"kind": "detector", "best": None})
    assert command(place, str(tmp_path / "detector.pt"), place / "photos", tmp_path / "out") == USER_ERROR
    assert "The checkpoint is of kind 'detector', but 'segmenter' is needed" in capsys.readouterr().err
    (tmp_path / "a.onnx").write_text("no graph")
    assert command(place, str(tmp_path / "a.onnx"), place / "photos", tmp_path / "out") == USER_ERROR
    assert "a.onnx is not a graph that onnxruntime reads" in capsys.readouterr().err

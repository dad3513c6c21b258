"""`python -m flows score` with detectors that a few steps trained."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from flows.commands.command_line import USER_ERROR, main
from models.detection.detecting import detect
from models.training.checkpoints import load_checkpoint, save_checkpoint
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.images.files import write_png
from tests.models.detection.test_detector_training import TINY, run
from tests.models.detection.toy_ellipses import draw_set

PHOTOS = draw_set(12, seed=3).images_nhwc
SCENES = "abcd"


def own_boxes(state: dict) -> list[np.ndarray]:
    """Every other box that a detector finds in each photo: what its scores are against them follows by construction."""
    return [found.boxes_xyxy[:8:2] for found in detect(state, PHOTOS, precision="fp32")]


def write_coco(path: Path, boxes_of: list[np.ndarray]) -> None:
    images, annotations = [], []
    for number, boxes in enumerate(boxes_of):
        name = f"{SCENES[number % len(SCENES)]}_{number:02d}.png"
        write_png(path.parent / "photos" / name, PHOTOS[number])
        images.append({"id": number, "file_name": name, "width": 128, "height": 96})
        for left, top, right, bottom in boxes.astype(float).tolist():
            box = [left, top, right - left, bottom - top]
            record = {"id": len(annotations) + 1, "image_id": number, "category_id": 1, "bbox": box}
            annotations.append(record | {"area": box[2] * box[3], "iscrowd": 0})
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "head"}]}
    path.write_text(json.dumps(content))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A store with the detector of a run's arm, that detector's file, a poor one's, and annotated photos of four scenes."""
    folder = tmp_path_factory.mktemp("score")
    state = run(replace(TINY, steps=2, eval_every_steps=2))
    boxes = own_boxes(state)
    scores = np.concatenate([found.scores for found in detect(state, PHOTOS, precision="fp32")])
    state["best"]["threshold"] = float(np.median(scores))
    save_checkpoint(folder / "good.pt", state)
    save_checkpoint(folder / "poor.pt", run(replace(TINY, steps=2, eval_every_steps=2), seed=6))
    store = Store(folder / "store")
    heads = Recipe("detection-set", {"target": "head"}, {}, (), ())
    val = store.obtain(heads, lambda out: (out / "a.txt").write_text("x")).ref
    recipe = Recipe("detector", {}, {"val": val}, (), ())
    store.obtain(recipe, lambda out: save_checkpoint(out / "detector.pt", state))
    item = {"kind": "detector", "key": recipe.key, "label": "train detector on S"}
    record = {"run": "demo", "started": 1.0, "artifacts": [item], "config": {}}
    (store.root / "runs/1.json").write_text(json.dumps(record))
    write_coco(folder / "boxes.json", boxes)
    return folder


def command(place: Path, model: str, *more: str) -> int:
    inputs = [str(place / "boxes.json"), str(place / "photos")]
    return main(["score", model, *inputs, "--store", str(place / "store"), *more])


def scored(place: Path, capsys, model: str, *more: str) -> dict:
    assert command(place, model, "--json", *more) == 0
    return json.loads(capsys.readouterr().out)


def figures(content: dict, number: int = 0) -> dict[str, float]:
    return {title: item["value"] for title, item in content["detectors"][number]["figures"].items()}


def test_figures_are_those_of_pycocotools_and_of_counting(place, capsys):
    content = scored(place, capsys, str(place / "good.pt"))
    found = figures(content)
    state = load_checkpoint(place / "good.pt", kind="detector")
    detections = detect(state, PHOTOS, precision="fp32")
    truth = COCO(place / "boxes.json")
    results = [
        {
            "image_id": number,
            "category_id": 1,
            "bbox": [left, top, right - left, bottom - top],
            "score": score,
        }
        for number, each in enumerate(detections)
        for (left, top, right, bottom), score in zip(
            each.boxes_xyxy.tolist(), each.scores.tolist(), strict=True
        )
    ]
    for title, iou in (("AP50", 0.5), ("AP30", 0.3)):
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.iouThrs = np.array([iou])
        evaluation.evaluate()
        evaluation.accumulate()
        precision = evaluation.eval["precision"][0, :, 0, 0, -1].mean()
        assert found[title] == pytest.approx(precision, abs=1e-6) and 0.05 < precision < 0.95
    capsys.readouterr()
    num_found = sum(int((each.scores >= state["best"]["threshold"]).sum()) for each in detections)
    num_boxes, num_true = content["num_boxes"], found["Recall"] * content["num_boxes"]
    assert found["Precision"] == pytest.approx(num_true / num_found) and num_true > 1
    assert found["F1"] == pytest.approx(2 * num_true / (num_found + num_boxes))
    for item in content["detectors"][0]["figures"].values():
        assert item["interval"][0] <= item["value"] <= item["interval"][1]
    assert content["num_scenes"] == 4 and list(content["detectors"][0]["by_scene"]) == list(SCENES)


def test_an_arm_a_file_and_a_graph_score_alike(place, tmp_path, capsys):
    graph = tmp_path / "a.onnx"
    assert main(["export-detector", "demo:S", "--to", str(graph), "--store", str(place / "store")]) == 0
    capsys.readouterr()
    of_file, of_graph = (figures(scored(place, capsys, str(path))) for path in (place / "good.pt", graph))
    # without IMAGES, which are found beside the annotations
    options = ["--store", str(place / "store"), "--json"]
    assert main(["score", "demo:S", str(place / "boxes.json"), *options]) == 0
    of_arm = figures(json.loads(capsys.readouterr().out))
    assert of_arm == of_file
    assert of_graph == pytest.approx(of_file, abs=0.02)


def test_a_baseline_is_judged_on_the_same_images(place, tmp_path, capsys):
    more = ("--baseline", str(place / "poor.pt"), "--to", str(tmp_path / "page"))
    assert command(place, "demo:S", *more) == 0
    text = capsys.readouterr().out
    content = json.loads((tmp_path / "page/score.json").read_text())
    assert [item["detector"] for item in content["detectors"]] == ["demo:S", "poor.pt"]
    judged = content["comparison"]["f1"]
    assert judged["difference"] == pytest.approx(figures(content)["F1"] - figures(content, 1)["F1"])
    assert judged["difference"] > 0.1 and judged["verdict"] == "helps"
    assert content["verdict"][0].startswith("demo:S beats poor.pt by ")
    assert content["verdict"][0] in text and "12 images in 4 clips" in text
    page = (tmp_path / "page/index.html").read_text()
    for words in (
        "demo:S beats poor.pt",
        "Most errors of poor.pt",
        "data:image/jpeg",
        "Precision over recall",
    ):
        assert words in page
    assert "Cost and cache" not in page
    assert "http" not in page.split("</script>")[-1].replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ("nope.pt", (), "there is no file nope.pt"),
        ("demo:S", ("--baseline", "demo:S"), "--baseline is demo:S, the detector itself"),
        ("demo:S", ("--target", "person"), "--target is person, but the detector finds heads"),
        ("demo:S", ("--threshold", "2"), "--threshold must be in 0..1, but was 2"),
        ("demo:S", ("--iou", "1"), "--iou must be in 0..1 (both excluded), but was 1"),
        ("demo:S", ("--to", "{place}/boxes.json"), "boxes.json, which is a file"),
        ("people_synthetic", (), "persons are to be scored, but only heads are annotated"),
    ],
)
def test_a_mistake_is_one_clear_line(place, capsys, model, more, words):
    assert command(place, model, *(each.format(place=place) for each in more)) == USER_ERROR
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_a_folder_without_annotations_is_one_clear_line(place, capsys):
    assert main(["score", str(place / "good.pt"), str(place / "photos")]) == USER_ERROR
    error = capsys.readouterr().err
    assert "holds no annotations" in error and "real_images" not in error and error.count("\n") == 1

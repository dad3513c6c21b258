"""What a refusal of a site, run, sweep or pretraining tells a person to write does mend it: refused, mended, read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.configuration.files import put
from flows.people.config import require_arms
from flows.people.input_checks import check_inputs
from flows.people.run_files import load_run_config
from flows.pipelines.loading import load_run
from flows.sweeps.config import list_points, load_sweep
from tests.flows.tiny_site import write_tiny_site

CAMERA = "cameras.top"
GONE = object()  # the field is removed


@dataclass(frozen=True)
class Mend:
    """Fields of one file as they are refused, words of the refusal, and the fields as it says to write them."""

    file: str
    wrong: dict[str, Any]
    words: str
    mended: dict[str, Any]


def polygon(*points: list[int]) -> list[dict[str, Any]]:
    return [{"height_m": 0.74, "polygon_px": [[20, 30], [35, 30], *points]}]


SWEEP = {"name": "tiny-sweep", "base": "run.yaml", "grid": {"training.refiner_seed": [0, 1]}}
PRETRAIN = {"pipeline": "pretraining", "name": "p", "output": "out", "rooms": {}}
FILES = {"sweep.yaml": SWEEP, "pretrain.yaml": PRETRAIN}
RIGHT_POLYGON = {f"{CAMERA}.occluders": polygon([35, 40])}
MENDS = [
    Mend("site.yaml", {f"{CAMERA}.lens": GONE}, "give {model: fisheye_equidistant, fov_deg: 180}",
         {f"{CAMERA}.lens": {"model": "fisheye_equidistant", "fov_deg": 180}}),
    Mend("site.yaml", {f"{CAMERA}.height_m": GONE}, "e.g. height_m: 2.9", {f"{CAMERA}.height_m": 2.9}),
    Mend("site.yaml", {f"{CAMERA}.floor": {}}, "e.g. floor: {radius_m: 3.5}", {f"{CAMERA}.floor": {"radius_m": 3.5}}),
    Mend("site.yaml", {"backgrounds": [{"image": "empty.png", "camera": "side"}]}, "['top']; name one of these",
         {"backgrounds": [{"image": "empty.png", "camera": "top"}]}),
    Mend("site.yaml", {f"{CAMERA}.occluders": polygon([350, 40])}, "give pixels of the background image",
         RIGHT_POLYGON),
    Mend("site.yaml", {f"{CAMERA}.occluders": polygon([1, 1])}, "keep the polygon inside the bright part",
         RIGHT_POLYGON),
    Mend("site.yaml", {f"{CAMERA}.occluders": [{"height_m": 3.0, "polygon_px": [[20, 30], [35, 30], [35, 40]]}]},
         "the camera hangs at 2.8 m; only things below", RIGHT_POLYGON),
    Mend("run.yaml", {"sample_site": {}}, "exactly one of site (a file) and sample_site", {"sample_site": GONE}),
    Mend("run.yaml", {"real_images": GONE}, "real_images is missing; say where",
         {"real_images": {"annotations": "real.json", "images": "real", "split": "clip"}}),
    Mend("run.yaml", {"arms": [["S"], ["S"]]}, "one is there twice; remove it", {"arms": [["S"]]}),
    Mend("run.yaml", {"arms": []}, "[[S], [R_train], [R_train, S+]]", {"arms": [["S"], ["R_train"], ["R_train", "S+"]]}),
    Mend("run.yaml", {"evaluation": {"iou": 0.3}}, "set both to the same overlap", {"detector.match_iou": 0.3}),
    Mend("run.yaml", {"arms": [["S:9"]]}, "raise render.scenes_per_background", {"render.scenes_per_background": 9}),
    Mend("run.yaml", {"detector.weights": {"path": "none.pt"}}, "set detector.weights: none", {"detector.weights": "none"}),
    Mend("run.yaml", {"site": "nowhere.yaml"}, "set `site` to a YAML or JSON file", {"site": "site.yaml"}),
    Mend("sweep.yaml", {"grid": {"training.refiner_seed": []}}, "is empty; give it values",
         {"grid": {"training.refiner_seed": [3]}}),
    Mend("sweep.yaml", {"grid": {"training.refiner_seed": [0, 0]}}, "has '0' twice; remove one",
         {"grid": {"training.refiner_seed": [0]}}),
    Mend("sweep.yaml", {"grid": {"store": ["a", "b"]}}, "grid.store cannot vary", {"grid": {"training.refiner_seed": [0]}}),
    Mend("pretrain.yaml", {"detector": {"weights": "imagenet"}}, "set none", {"detector": {"weights": "none"}}),
]  # fmt: skip


@pytest.mark.parametrize("mend", MENDS, ids=lambda mend: f"{mend.file}: {mend.words}")
def test_what_a_refusal_says_to_write_is_read(tmp_path, mend):
    write_tiny_site(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_text(yaml.safe_dump(content))
    change(tmp_path / mend.file, mend.wrong)
    with pytest.raises(ValueError) as refused:
        check(tmp_path, mend.file)
    assert mend.words in str(refused.value) and "\n" not in str(refused.value)
    change(tmp_path / mend.file, mend.mended)
    check(tmp_path, mend.file)


def change(path: Path, fields: dict[str, Any]) -> None:
    content = yaml.safe_load(path.read_text())
    for name, value in fields.items():
        if value is not GONE:
            put(content, name, value, source="test")
            continue
        *parents, last = name.split(".")
        section = content
        for parent in parents:
            section = section[parent]
        section.pop(last)
    path.write_text(yaml.safe_dump(content))


def check(folder: Path, name: str) -> None:
    """All that its command checks before anything starts."""
    if name == "pretrain.yaml":
        load_run(folder / name, [])
    elif name == "sweep.yaml":
        check_inputs([point.config for point in list_points(load_sweep(folder / name, []))])
    else:
        config = load_run_config(folder / "run.yaml", [])
        require_arms(config)
        check_inputs([config])

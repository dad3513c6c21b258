"""The render child from outside: one small real render, alone and in a batch."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from blender_assets.child_protocol import USER_ERROR

WIDTH, HEIGHT = 200, 150
ROOT = Path(__file__).parents[2]
CAMERA = {
    "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
    "height_m": 2.8,
    "floor": {"radius_m": 2.2},
    "occluders": [
        {"name": "table", "height_m": 0.74, "polygon_px": [[60, 40], [90, 40], [90, 110], [60, 110]]}
    ],
}
SETTINGS = {"sitting_people": [1, 1], "standing_people": [1, 1], "samples": 4}


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "empty.png"
    noise = np.random.default_rng(0).normal(0, 2, (HEIGHT, WIDTH, 3))
    cv2.imwrite(str(path), np.clip(140 + noise, 0, 255).astype(np.uint8))
    return path


@pytest.fixture(scope="module")
def base_spec(background: Path, body_basis_path: Path) -> dict[str, Any]:
    return {
        "camera": CAMERA,
        "background": str(background),
        "body_basis": str(body_basis_path),
        "settings": SETTINGS,
        "seed": 7,
        "threads": 1,
    }


def start_child(spec: dict[str, Any], folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps(spec))
    return subprocess.Popen(
        [sys.executable, "-m", "blender_assets.render_scenes", str(folder / "spec.json")],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def render(spec: dict[str, Any], folder: Path) -> tuple[Path, list[str]]:
    """The output folder and the lines on stdout."""
    child = start_child(spec | {"out": str(folder / "out")}, folder)
    # communicate() would close stdin, which means that the parent is gone.
    assert child.stdout is not None
    lines = child.stdout.read().splitlines()
    assert child.wait() == 0, child.stderr.read()[-2000:]
    return folder / "out", lines


def read_records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((out / "records").glob("*.json"))]


@pytest.fixture(scope="module")
def batch(base_spec: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    return render(base_spec | {"scenes": [0, 1, 2], "num_done": 4}, tmp_path_factory.mktemp("batch"))


@pytest.fixture(scope="module")
def scenes(batch: tuple[Path, list[str]]) -> list[dict[str, Any]]:
    return read_records(batch[0])


def test_stdout_carries_nothing_but_progress(batch):
    lines = [json.loads(line) for line in batch[1]]
    assert [(line["done"], line["total"]) for line in lines] == [(5, 7), (6, 7), (7, 7)]


def test_a_scene_has_the_same_bytes_alone_and_in_a_batch(base_spec, batch, tmp_path):
    alone, _ = render(base_spec | {"scenes": [2]}, tmp_path)
    for name in ("images/00002.png", "masks/00002.png"):
        assert (alone / name).read_bytes() == (batch[0] / name).read_bytes()
    assert read_records(alone) == read_records(batch[0])[2:]


def test_scenes_differ_from_each_other(batch):
    assert (batch[0] / "images/00000.png").read_bytes() != (batch[0] / "images/00001.png").read_bytes()


def test_images_have_the_size_of_the_photo_and_masks_hold_the_ids_of_the_people(batch, scenes):
    for scene in scenes:
        image = cv2.imread(str(batch[0] / scene["file_name"]))
        mask = cv2.imread(str(batch[0] / scene["mask_name"]), cv2.IMREAD_UNCHANGED)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert mask.shape == (HEIGHT, WIDTH)
        visible = {p["person_id"] for p in scene["people"] if p["person_visibility"] > 0.1}
        assert visible <= set(np.unique(mask).tolist()) - {0}
        assert (scene["width"], scene["height"], scene["seed"]) == (WIDTH, HEIGHT, 7)
        assert scene["nadir_px"] == [WIDTH / 2, HEIGHT / 2]


def test_the_box_of_a_person_in_full_view_matches_the_mask(batch, scenes):
    compared = 0
    for scene in scenes:
        mask = cv2.imread(str(batch[0] / scene["mask_name"]), cv2.IMREAD_UNCHANGED)
        for person in scene["people"]:
            if person["person_visibility"] < 0.999:
                continue
            rows, columns = np.nonzero(mask == person["person_id"])
            extent = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert np.abs(np.array(extent) - person["person_box_xyxy"]).max() <= 1.5
            compared += 1
    assert compared >= 2


def test_heads_lie_in_their_person_and_are_of_human_size(scenes):
    for person in (p for scene in scenes for p in scene["people"]):
        x0, y0, x1, y1 = person["head_box_xyxy"]
        px0, py0, px1, py1 = person["person_box_xyxy"]
        assert px0 - 1e-6 <= x0 < x1 <= px1 + 1e-6
        assert py0 - 1e-6 <= y0 < y1 <= py1 + 1e-6
        # 0.2 m at 1 to 4 m under a fisheye of 100 px for 90 degrees.
        assert 2 < max(x1 - x0, y1 - y0) < 40
        assert 0 <= person["head_visibility"] <= 1


def test_the_photo_is_unchanged_far_from_people(batch, scenes, background):
    photo, scene = cv2.imread(str(background)), scenes[0]
    image = cv2.imread(str(batch[0] / scene["file_name"]))
    is_same = (photo == image).all(axis=2)
    assert 0.2 < is_same.mean() < 0.99


def test_every_person_can_be_remade_from_its_parameters(scenes):
    for person in (p for scene in scenes for p in scene["people"]):
        assert {"phenotypes", "outfit", "hair", "placing"} <= set(person["parameters"])
        assert len(person["parameters"]["placing"]["position_m"]) == 3


def test_another_photo_gives_other_people(base_spec, scenes, tmp_path):
    other = tmp_path / "other.png"
    cv2.imwrite(str(other), np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8))
    out, _ = render(base_spec | {"background": str(other), "scenes": [0]}, tmp_path)
    assert read_records(out)[0]["people"][0]["parameters"] != scenes[0]["people"][0]["parameters"]


def test_a_scene_without_people_is_the_photo_itself(base_spec, background, tmp_path):
    nobody = SETTINGS | {"sitting_people": [0, 0], "standing_people": [0, 0]}
    out, _ = render(base_spec | {"settings": nobody, "scenes": [0]}, tmp_path)
    assert np.array_equal(cv2.imread(str(out / "images/00000.png")), cv2.imread(str(background)))
    assert read_records(out)[0]["people"] == []


def test_the_child_ends_when_its_parent_is_gone(base_spec, tmp_path):
    child = start_child(base_spec | {"scenes": list(range(500)), "out": str(tmp_path / "out")}, tmp_path)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.readline()
    child.stdin.close()
    assert child.wait(timeout=20) == 3
    assert 1 <= len(read_records(tmp_path / "out")) < 500


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"camera": CAMERA | {"height_m": -1}}, "camera.height_m"),
        ({"camera": CAMERA | {"floor": {"polygon_px": [[0, 0], [900, 0], [0, 90]]}}}, r"[900, 0]"),
    ],
)
def test_a_wrong_spec_is_one_clear_line(base_spec, tmp_path, change, message):
    child = start_child(base_spec | {"scenes": [0], "out": str(tmp_path / "out")} | change, tmp_path)
    assert child.stderr is not None
    last = child.stderr.read().splitlines()[-1]
    assert child.wait() == USER_ERROR
    assert message in last

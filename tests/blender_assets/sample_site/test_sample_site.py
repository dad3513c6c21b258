"""The child process itself, with tiny images."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from blender_assets.both_sides.child_protocol import USER_ERROR
from tasks.scenes.body_basis import build_body_basis

SMALL = {"width_px": 112, "height_px": 84, "samples": 2, "max_bounces": 1}
SHOTS = [
    {"name": "empty", "camera": "fisheye", "time": "noon", "index": 0, "populated": False},
    {"name": "first", "camera": "fisheye", "time": "noon", "index": 0},
    {"name": "second", "camera": "fisheye", "time": "noon", "index": 1},
    {"name": "dusk", "camera": "perspective", "time": "evening", "index": 0},
]


@pytest.fixture(scope="module")
def basis_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("basis") / "body_basis.npz"
    build_body_basis(path)
    return path


def start(spec: dict[str, Any], folder: Path) -> subprocess.Popen[str]:
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    command = [sys.executable, "-m", "blender_assets.sample_site", str(path)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def finish(child: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Waits with stdin held open, as a living parent does."""
    assert child.stdin and child.stdout and child.stderr
    with child.stdout, child.stderr:
        output, errors = child.stdout.read(), child.stderr.read()
    code = child.wait(timeout=120)
    child.stdin.close()
    return code, output, errors


def shoot(basis_path: Path, folder: Path, shots: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    settings = SMALL | {"num_people": [2, 4]}
    spec = {
        "body_basis": str(basis_path),
        "settings": settings,
        "seed": 3,
        "shots": shots,
        "out": str(folder),
    }
    code, output, errors = finish(start(spec, folder))
    assert code == 0, errors[-2000:]
    return json.loads((folder / "shots.json").read_text())["shots"], output


@pytest.fixture(scope="module")
def batch(
    basis_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]], str]:
    folder = tmp_path_factory.mktemp("batch")
    return folder, *shoot(basis_path, folder, SHOTS)


def test_records_keep_the_asked_order_and_progress_is_all_that_stdout_carries(
    batch: tuple[Path, list[dict[str, Any]], str],
) -> None:
    _, records, output = batch
    assert [record["name"] for record in records] == ["empty", "first", "second", "dusk"]
    lines = [json.loads(line) for line in output.splitlines()]
    assert [(line["done"], line["total"]) for line in lines] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_people_are_only_in_the_populated_shots_with_boxes_in_the_image(
    batch: tuple[Path, list[dict[str, Any]], str],
) -> None:
    _, records, _ = batch
    assert records[0]["people"] == []
    for record in records[1:]:
        assert record["people"]
        for person in record["people"]:
            x0, y0, x1, y1 = person["person_box_xyxy"]
            assert 0 <= x0 < x1 <= 112 and 0 <= y0 < y1 <= 84
            assert 0 < person["person_visibility"] <= 1 and 0 <= person["head_visibility"] <= 1


def test_the_image_differs_from_the_empty_room_where_the_heads_are(
    batch: tuple[Path, list[dict[str, Any]], str],
) -> None:
    folder, records, _ = batch
    empty = cv2.imread(str(folder / "images/empty.jpg")).astype(float)
    image = cv2.imread(str(folder / "images/first.jpg")).astype(float)
    changed = np.abs(image / image.mean() - empty / empty.mean()).mean(axis=2)
    inside = [
        changed[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))].mean()
        for p in records[1]["people"]
        if p["head_visibility"] > 0.7
        for x0, y0, x1, y1 in [p["head_box_xyxy"]]
    ]
    assert inside and np.mean(inside) > 2 * np.median(changed)


def test_a_shot_has_the_same_bytes_alone_as_in_a_batch(
    basis_path: Path, batch: tuple[Path, list[dict[str, Any]], str], tmp_path: Path
) -> None:
    folder, records, _ = batch
    alone, _ = shoot(basis_path, tmp_path, [SHOTS[2]])
    assert (tmp_path / "images/second.jpg").read_bytes() == (folder / "images/second.jpg").read_bytes()
    assert alone[0] == records[2]
    assert (folder / "images/second.jpg").read_bytes() != (folder / "images/first.jpg").read_bytes()


def test_a_spec_with_an_unknown_camera_fails_with_one_line(tmp_path: Path) -> None:
    shots = [SHOTS[0] | {"camera": "drone"}]
    child = start({"body_basis": "x.npz", "seed": 0, "shots": shots, "out": str(tmp_path)}, tmp_path)
    code, output, errors = finish(child)
    assert code == USER_ERROR and output == ""
    assert "shots.0.camera" in errors.strip().splitlines()[-1]


def test_the_child_ends_when_its_parent_closes_stdin(basis_path: Path, tmp_path: Path) -> None:
    shots = [SHOTS[1] | {"name": f"shot{k}", "index": k} for k in range(300)]
    spec = {"body_basis": str(basis_path), "settings": SMALL, "seed": 0, "shots": shots, "out": str(tmp_path)}
    child = start(spec, tmp_path)
    assert child.stdin and child.stdout and child.stderr
    child.stdout.readline()
    child.stdin.close()
    assert child.wait(timeout=60) == 3
    child.stdout.close()
    child.stderr.close()
    assert not (tmp_path / "shots.json").exists()

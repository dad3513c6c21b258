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
from blender_assets.people.body import load_body_basis
from blender_assets.people.pieces import PersonMesh
from blender_assets.sample_street.classes import THINGS, StreetClass
from blender_assets.sample_street.settings import StreetSettings
from blender_assets.sample_street.street import draw_street

WIDTH, HEIGHT = 128, 64
SMALL: dict[str, Any] = {
    "width_px": WIDTH, "height_px": HEIGHT, "samples": 1, "max_bounces": 1, "frames_per_sequence": 2,
    "times": ["day", "night"], "wet_fraction": 0.0, "pedestrian_density": 0.6,
}  # fmt: skip
Records = list[dict[str, Any]]


def start(spec: dict[str, Any], folder: Path) -> tuple[int, str, str]:
    """Waits with stdin held open, as a living parent does; stderr goes to a file, since Blender fills a pipe."""
    folder.mkdir(exist_ok=True)
    (folder / "spec.json").write_text(json.dumps(spec))
    command = [sys.executable, "-m", "blender_assets.sample_street", str(folder / "spec.json")]
    pipe, log = subprocess.PIPE, folder / "log.txt"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, text=True) as child,
    ):
        assert child.stdout
        output = child.stdout.read()
        code = child.wait(timeout=120)
    return code, output, log.read_text()


def drive(basis: Path, folder: Path, sequences: list[int], **settings: Any) -> tuple[Records, str]:
    spec = {"body_basis": str(basis), "settings": SMALL | settings, "seed": 3, "sequences": sequences}
    code, output, errors = start(spec | {"out": str(folder)}, folder)
    assert code == 0, errors[-2000:]
    return json.loads((folder / "street.json").read_text())["photos"], output


@pytest.fixture(scope="module")
def batch(body_basis_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Records, str]:
    folder = tmp_path_factory.mktemp("streets")
    return folder, *drive(body_basis_path, folder, [0, 1])


def read(folder: Path, record: dict[str, Any], key: str) -> np.ndarray:
    image = cv2.imread(str(folder / record["files"][key]), cv2.IMREAD_UNCHANGED)
    assert image is not None and image.shape[:2] == (HEIGHT, WIDTH)
    return image


def test_every_frame_is_taken_at_every_time_and_progress_is_all_that_stdout_carries(batch):
    folder, records, output = batch
    assert [record["name"] for record in records] == [
        f"{sequence:03d}_{frame:03d}_{time}"
        for sequence in (0, 1)
        for frame in (0, 1)
        for time in ("day", "night")
    ]
    lines = [json.loads(line) for line in output.splitlines()]
    assert [(line["done"], line["total"]) for line in lines] == [(k + 1, 8) for k in range(8)]
    files = {path.relative_to(folder).as_posix() for path in folder.glob("*/*")}
    assert files == {name for record in records for name in record["files"].values()}


def test_maps_agree_with_each_other_and_with_the_records(batch):
    folder, records, _ = batch
    things = {int(kind) for kind in THINGS}
    for record in records:
        labels, instances, depth = (read(folder, record, key) for key in ("labels", "instances", "depth"))
        assert set(np.unique(labels)) <= {int(kind) for kind in StreetClass}
        assert np.array_equal(instances > 0, np.isin(labels, list(things)))
        assert np.array_equal(depth == 0, labels == StreetClass.SKY)
        assert sorted(np.unique(instances[instances > 0])) == [thing["number"] for thing in record["things"]]
        for thing in record["things"]:
            is_thing = instances == thing["number"]
            assert is_thing.sum() == thing["pixels"]
            assert set(labels[is_thing]) == {int(StreetClass[thing["class"].upper()])}


def test_the_road_has_the_depth_of_a_plane_below_the_camera(batch):
    """The ray of a pixel meets z = 0 where height = depth (v cos pitch + sin pitch), v below the axis at depth 1."""
    folder, records, _ = batch
    for record in records[::2]:
        camera = record["camera"]
        pitch = np.radians(90 - camera["tilt_deg"])
        v = (np.arange(HEIGHT) + 0.5 - camera["cy_px"]) / camera["fy_px"]
        with np.errstate(divide="ignore"):
            expected = camera["height_m"] / (v * np.cos(pitch) + np.sin(pitch))
        labels, depth = read(folder, record, "labels"), read(folder, record, "depth") / 100
        rows, columns = np.nonzero((labels == StreetClass.ROAD) & (depth < 40))
        assert len(rows) > 300
        np.testing.assert_allclose(depth[rows, columns], expected[rows], rtol=0.01)


def test_things_are_seen_where_their_bodies_are_projected(batch, body_basis_path: Path):
    """An instance lies within the outline box of its mesh, whose nearest point is no farther than its depth says."""
    _, records, _ = batch
    settings = StreetSettings.model_validate(SMALL)
    checked = 0
    basis = load_body_basis(body_basis_path)
    streets = [draw_street(3, sequence, settings, basis) for sequence in (0, 1)]
    for record in records[::2]:
        street = streets[record["sequence"]]
        world_to_camera = np.linalg.inv(np.array(record["camera"]["pose"]))
        seconds = street.drive.seconds[record["frame"]]
        for seen in record["things"]:
            thing = street.things[seen["number"] - 1]
            body = thing.body
            own = (
                body.vertices * [-1, -1, 1]
                if isinstance(body, PersonMesh)
                else np.concatenate([s.vertices for s in body])
            )
            matrix = world_to_camera @ thing.track.matrix(street.plan.course, seconds)
            points = own @ matrix[:3, :3].T + matrix[:3, 3]
            assert thing.kind.name.lower() == seen["class"]
            assert seen["nearest_m"] >= -points[:, 2].max() * 0.999 - 0.01
            if (-points[:, 2]).min() < 0.5:
                continue
            pixels = street.camera.lens.project_directions(points, WIDTH, HEIGHT)
            x0, y0, x1, y1 = seen["box_xyxy"]
            low, high = pixels.min(axis=0), pixels.max(axis=0)
            assert low[0] - 0.5 <= x0 + 0.5 and x1 - 0.5 <= high[0] + 0.5
            assert low[1] - 0.5 <= y0 + 0.5 and y1 - 0.5 <= high[1] + 0.5
            checked += 1
    assert checked >= 8


def test_nights_are_darker_than_days_of_the_same_street(batch):
    folder, records, _ = batch
    for day, night in zip(records[::2], records[1::2], strict=True):
        assert read(folder, night, "image").mean() < 0.75 * read(folder, day, "image").mean()
        assert (folder / day["files"]["labels"]).read_bytes() == (
            folder / night["files"]["labels"]
        ).read_bytes()


def test_a_street_alone_has_the_same_bytes_as_in_a_batch_and_no_two_are_alike(
    batch, body_basis_path: Path, tmp_path: Path
):
    folder, records, _ = batch
    alone, _ = drive(body_basis_path, tmp_path / "alone", [1])
    assert alone == records[4:]
    for name in (name for record in alone for name in record["files"].values()):
        assert (tmp_path / "alone" / name).read_bytes() == (folder / name).read_bytes()
    first, second = read(folder, records[0], "labels"), read(folder, records[4], "labels")
    assert (first != second).mean() > 0.1
    moved = read(folder, records[2], "labels")
    assert (first != moved).mean() > 0.005


def test_labels_that_are_rendered_by_night_alone_on_a_wet_road_are_those_of_the_day_bit_for_bit(
    batch, body_basis_path: Path, tmp_path: Path
):
    folder, records, _ = batch
    night, _ = drive(body_basis_path, tmp_path / "night", [0], times=["night"], wet_fraction=1.0)
    assert night[0]["is_wet"] and not records[0]["is_wet"]
    for wet, day in zip(night, records[:4:2], strict=True):
        for key in ("labels", "instances", "depth"):
            rendered = (tmp_path / "night" / wet["files"][key]).read_bytes()
            assert rendered == (folder / day["files"][key]).read_bytes()


def test_a_spec_with_an_unknown_time_fails_with_one_line(tmp_path: Path):
    spec = {
        "body_basis": "x.npz",
        "seed": 0,
        "sequences": [0],
        "settings": {"times": ["noon"]},
        "out": str(tmp_path),
    }
    code, output, errors = start(spec, tmp_path)
    assert code == USER_ERROR and output == ""
    assert "times" in errors.strip().splitlines()[-1]

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
from pycocotools import mask as coco_mask

from blender_assets.both_sides.child_protocol import USER_ERROR
from blender_assets.people.parts import Part
from tests.blender_assets.clips import FRAMES, bvh_text

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
FLOOR_PX = [[20, 30], [180, 30], [190, 140], [10, 140]]
SETTINGS = {
    "sitting_people": [1, 1],
    "standing_people": [1, 1],
    "samples": 4,
    "annotations": {"has_parts": True, "has_depth": True},
}


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


def start_child(spec: dict[str, Any], folder: Path, *, threads: int = 1) -> subprocess.Popen[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps(spec))
    return subprocess.Popen(
        [sys.executable, "-m", "blender_assets.render_scenes", str(folder / "spec.json")],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": str(threads), "OIDN_NUM_THREADS": str(threads)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def render(spec: dict[str, Any], folder: Path, *, threads: int = 1) -> tuple[Path, list[str]]:
    """The output folder and the lines on stdout."""
    child = start_child(spec | {"out": str(folder / "out")}, folder, threads=threads)
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


def test_a_scene_depends_on_the_photos_pixels_and_not_on_how_its_file_packs_them(
    base_spec, background, batch, tmp_path
):
    repacked = tmp_path / "empty.png"
    cv2.imwrite(str(repacked), cv2.imread(str(background)), [cv2.IMWRITE_PNG_COMPRESSION, 0])
    assert repacked.stat().st_size > background.stat().st_size
    again, _ = render(base_spec | {"scenes": [0], "background": str(repacked)}, tmp_path)
    assert (again / "images/00000.png").read_bytes() == (batch[0] / "images/00000.png").read_bytes()


def test_two_threads_change_a_scene_by_rounding_alone(base_spec, batch, tmp_path):
    """Why `render_over` renders with one: here and there a sum in another order rounds to the next grey level."""
    parallel, _ = render(base_spec | {"scenes": [1], "threads": 2}, tmp_path, threads=2)
    assert (parallel / "masks/00001.png").read_bytes() == (batch[0] / "masks/00001.png").read_bytes()
    one, two = (cv2.imread(str(out / "images/00001.png")).astype(int) for out in (batch[0], parallel))
    assert np.abs(one - two).max() <= 1
    assert (one != two).mean() < 1e-4


def test_a_gpu_that_is_not_there_is_one_clear_line(base_spec, tmp_path):
    settings = SETTINGS | {"device": "optix"}
    child = start_child(
        base_spec | {"settings": settings, "scenes": [0], "out": str(tmp_path / "out")}, tmp_path
    )
    assert child.stderr is not None
    last = child.stderr.read().splitlines()[-1]
    if child.wait() == 0:
        pytest.skip("there is an OptiX device here")
    assert child.returncode == USER_ERROR
    assert "render.settings.device is 'optix'" in last and "set it to cpu" in last


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
            assert np.abs(np.array(extent) - person["person_box_xyxy"]).max() <= 1
            compared += 1
    assert compared >= 2


def test_the_segmentation_of_a_person_is_the_rendered_mask(batch, scenes):
    for scene in scenes:
        mask = cv2.imread(str(batch[0] / scene["mask_name"]), cv2.IMREAD_UNCHANGED)
        for person in scene["people"]:
            is_person, is_head = (coco_mask.decode(person[f"{part}_rle"]) for part in ("person", "head"))
            np.testing.assert_array_equal(is_person, mask == person["person_id"])
            assert 0 < is_head.sum() < 0.6 * is_person.sum()
            assert not (is_head > is_person).any()


def test_every_pixel_of_a_person_has_a_part_and_a_distance_and_no_other_pixel_has_a_part(batch, scenes):
    for scene in scenes:
        mask, parts, depth = (
            cv2.imread(str(batch[0] / scene[name]), cv2.IMREAD_UNCHANGED)
            for name in ("mask_name", "parts_name", "depth_name")
        )
        assert (parts.dtype, depth.dtype) == (np.uint8, np.uint16)
        np.testing.assert_array_equal(parts > 0, mask > 0)
        assert {Part.HAIR, Part.FACE} & set(np.unique(parts).tolist())
        for person in scene["people"]:
            seen_m = depth[mask == person["person_id"]] / 1000
            # The camera sees the near side, from the crown of somebody who stands below it.
            assert abs(np.median(seen_m) - person["person_distance_m"]) < 1.0
            assert 0.3 < seen_m.min() <= seen_m.max() < 4.5


def test_keypoints_lie_on_the_person_and_the_head_s_lie_in_the_head_box(batch, scenes):
    for scene in scenes:
        mask = cv2.imread(str(batch[0] / scene["mask_name"]), cv2.IMREAD_UNCHANGED)
        for person in scene["people"]:
            points = np.array(person["keypoints"]).reshape(17, 3)
            assert set(points[:, 2]) <= {0, 1, 2}
            x0, y0, x1, y1 = person["head_box_xyxy"]
            face = points[:5][points[:5, 2] > 0]
            assert ((face[:, :2] > [x0 - 1, y0 - 1]) & (face[:, :2] < [x1 + 1, y1 + 1])).all()
            around = cv2.dilate((mask == person["person_id"]).astype(np.uint8), np.ones((3, 3), np.uint8))
            for x, y, flag in points:
                if flag == 2:
                    assert around[int(y), int(x)]


def test_the_rotated_box_of_a_person_holds_the_mask_and_points_to_the_nadir(batch, scenes):
    for scene in scenes:
        mask = cv2.imread(str(batch[0] / scene["mask_name"]), cv2.IMREAD_UNCHANGED)
        for person in scene["people"]:
            x, y, width, height, degrees = person["person_rotated_box"]
            up = np.array([np.sin(np.radians(degrees)), -np.cos(np.radians(degrees))])
            rows, columns = np.nonzero(mask == person["person_id"])
            offset = np.stack([columns + 0.5 - x, rows + 0.5 - y], axis=1)
            assert np.abs(offset @ up).max() <= height / 2 + 1
            assert np.abs(offset @ [-up[1], up[0]]).max() <= width / 2 + 1
            outward = np.array([x, y]) - scene["nadir_px"]
            assert abs(outward @ [-up[1], up[0]]) < 0.02 * np.linalg.norm(outward) + 0.05


def test_a_calibrated_lens_with_distortion_renders_people_where_their_boxes_are(base_spec, tmp_path):
    lens = {
        "model": "opencv_pinhole",
        "fx": 110,
        "fy": 112,
        "cx": 103,
        "cy": 71,
        "k1": -0.2,
        "k2": 0.04,
        "p1": 0.003,
    }
    camera = CAMERA | {"lens": lens, "tilt_deg": 25, "occluders": [], "floor": {"polygon_px": FLOOR_PX}}
    out, _ = render(base_spec | {"camera": camera, "scenes": [0, 1]}, tmp_path)
    scenes = read_records(out)
    whole = 0
    for scene in scenes:
        mask = cv2.imread(str(out / scene["mask_name"]), cv2.IMREAD_UNCHANGED)
        assert mask.shape == (HEIGHT, WIDTH)
        whole += sum(person["person_visibility"] == 1 for person in scene["people"])
    # Whole is who is seen wherever the own projection says: a picture shifted by 2 px would hide the outline.
    assert whole >= 2


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


def test_a_scene_in_which_nobody_was_drawn_is_the_photo_itself(base_spec, background, tmp_path):
    at_most_one = SETTINGS | {"sitting_people": [0, 0], "standing_people": [0, 1]}
    out, _ = render(base_spec | {"settings": at_most_one, "scenes": [0, 1, 2, 3, 4, 5]}, tmp_path)
    empty = [s for s in read_records(out) if not s["people"]]
    assert empty and empty[0]["people_wanted"] == {"standing": 0, "sitting": 0, "lying": 0}
    assert np.array_equal(cv2.imread(str(out / empty[0]["file_name"])), cv2.imread(str(background)))


def detail_of_people(base_spec: dict[str, Any], folder: Path, **people: float) -> float:
    """Mean absolute Laplacian of grey over all people of one scene."""
    settings = SETTINGS | {"people": people, "sensor": {"noise_grey": [0, 0]}}
    out, _ = render(base_spec | {"scenes": [0], "settings": settings}, folder)
    grey = cv2.imread(str(out / "images/00000.png"), cv2.IMREAD_GRAYSCALE)
    mask = cv2.imread(str(out / "masks/00000.png"), cv2.IMREAD_GRAYSCALE)
    assert grey is not None and mask is not None
    inside = cv2.erode((mask > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return float(np.abs(cv2.Laplacian(grey.astype(np.float32), cv2.CV_32F))[inside].mean())


def test_clothes_fold(base_spec, tmp_path):
    smooth = detail_of_people(base_spec, tmp_path / "smooth", fold_height_m=0.0)
    assert detail_of_people(base_spec, tmp_path / "folded") > 1.15 * smooth


def test_a_record_says_how_many_people_were_wanted_and_which_pose_each_took(scenes):
    for scene in scenes:
        assert scene["people_wanted"] == scene["people_placed"] == {"standing": 1, "sitting": 1, "lying": 0}
        for person in scene["people"]:
            assert person["pose"] in ("standing", "sitting")
            assert person["parameters"]["pose_name"] and person["parameters"]["pose_activity"]


def test_people_take_frames_of_the_users_clip_where_the_parent_says_it_lies(base_spec, tmp_path):
    (tmp_path / "walk.bvh").write_text(bvh_text(FRAMES, [88.0] * len(FRAMES)))
    settings = SETTINGS | {
        "sitting_people": [0, 0], "poses": {"mocap": [{"path": str(tmp_path / "walk.bvh"), "share": 1.0}]}
    }  # fmt: skip
    out, _ = render(base_spec | {"settings": settings, "scenes": [0]}, tmp_path)
    (person,) = read_records(out)[0]["people"]
    assert person["pose"] == "standing"
    assert person["parameters"]["pose_name"] == "walk.bvh"
    assert person["parameters"]["pose_frame"] in (1, 2, 3)


def test_people_keep_to_the_bright_part_of_a_density_image(base_spec, tmp_path):
    density = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    density[:, WIDTH // 2 :] = 255
    cv2.imwrite(str(tmp_path / "density.png"), density)
    settings = SETTINGS | {"sitting_people": [0, 0]}
    out, _ = render(
        base_spec | {"settings": settings, "density": str(tmp_path / "density.png"), "scenes": [0, 1]},
        tmp_path,
    )
    for scene in read_records(out):
        assert scene["people"][0]["parameters"]["placing"]["position_m"][0] > -0.06


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
        ({"settings": SETTINGS | {"standing_people": [0, 0], "sitting_people": [0, 0]}}, "all at most 0"),
        ({"settings": {"poses": {"activity_weights": {"juggling": 1}}}}, "['juggling'], but known"),
        (
            {
                "camera": CAMERA | {"floor": {"radius_m": 0.5}},
                "settings": SETTINGS | {"standing_people": [6, 6], "sitting_people": [0, 0]},
            },
            "standing_people asks for at least 6, but only",
        ),
        ({"camera": CAMERA | {"floor": {"polygon_px": [[0, 0], [900, 0], [0, 90]]}}}, r"[900, 0]"),
    ],
)
def test_a_wrong_spec_is_one_clear_line(base_spec, tmp_path, change, message):
    child = start_child(base_spec | {"scenes": [0], "out": str(tmp_path / "out")} | change, tmp_path)
    assert child.stderr is not None
    last = child.stderr.read().splitlines()[-1]
    assert child.wait() == USER_ERROR
    assert message in last

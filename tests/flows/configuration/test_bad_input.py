"""Bad input ends with exit code 2 and one clear line, before anything is written."""

import json
import re

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from flows.commands.command_line import main
from tasks.images.files import write_png


def edit_json(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def edit_text(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def missing_background(folder):
    (folder / "empty.png").unlink()


def empty_background(folder):
    (folder / "empty.png").write_bytes(b"")


def corrupt_background(folder):
    path = folder / "empty.png"
    path.write_bytes(path.read_bytes()[:3000])


def deep_background(folder):
    Image.fromarray(np.zeros((96, 96), np.uint16)).save(folder / "empty.png")


def cmyk_real(folder):
    Image.new("CMYK", (96, 96)).save(folder / "real/clip0_000.png", "JPEG")


def turned_real(folder):
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.new("RGB", (96, 96)).save(folder / "real/clip0_000.png", "JPEG", exif=exif)


def missing_real(folder):
    (folder / "real/clip0_000.png").unlink()


def unknown_image_id(folder):
    edit_json(folder / "real.json", lambda content: content["annotations"][0].update(image_id=99))


def unknown_category(folder):
    edit_json(folder / "real.json", lambda content: content["annotations"][0].update(category_id=99))


def box_outside(folder):
    edit_json(folder / "real.json", lambda content: content["annotations"][0].update(bbox=[90, 90, 30, 30]))


def empty_split(folder):
    edit_text(
        folder / "run.yaml",
        "split: clip",
        "split: {train: ['*0.png', '*1.png'], val: ['*2.png', '*3.png', '*4.png', '*5.png'], test: ['x*']}",
    )


def same_image_twice(folder):
    write_png(folder / "real/clip2_004.png", np.asarray(Image.open(folder / "real/clip0_000.png")))


def no_lens(folder):
    edit_text(folder / "site.yaml", "lens:", "lense:")


def polygon_outside(folder):
    edit_text(folder / "site.yaml", "- 35\n        - 40", "- 350\n        - 40")


def unknown_key(folder):
    edit_text(folder / "run.yaml", "crops:", "cropping: {}\ncrops:")


def weights_that_are_none(folder):
    edit_text(folder / "run.yaml", "detector:", "detector:\n  weights: {path: nothing.pt}")


def weights_that_are_text(folder):
    (folder / "weights.pt").write_text("these are no weights")
    edit_text(folder / "run.yaml", "detector:", "detector:\n  weights: {path: weights.pt}")


def weights_of_another_network(folder):
    torch.save({"kind": "detector", "best": {"network": {"x": torch.zeros(2)}}}, folder / "weights.pt")
    edit_text(folder / "run.yaml", "detector:", "detector:\n  weights: {path: weights.pt}")


def no_detectors(folder):
    edit_text(folder / "run.yaml", "crops:", "arms: []\ncrops:")


def refiner_without_store(folder):
    content = yaml.safe_load((folder / "run.yaml").read_text())
    (folder / "run.yaml").write_text(yaml.safe_dump(content | {"refiner": {"from": "run:demo"}}))


def background_in_test(folder):
    names = {number: f"clip{number // 2}_{number:03d}.png" for number in range(6)}
    patterns = "split: {train: [clip0*], val: [clip1*], test: [clip2*]}"
    edit_text(folder / "run.yaml", "split: clip", patterns)
    (folder / "real" / names[5]).write_bytes((folder / "empty.png").read_bytes())


def no_site(folder):
    (folder / "site.yaml").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (missing_background, "there is no image .*empty.png"),
        (empty_background, r"empty.png is empty \(0 bytes\)"),
        (corrupt_background, "empty.png cannot be read as an image"),
        (deep_background, "colour mode I;16"),
        (cmyk_real, "colour mode CMYK"),
        (turned_real, "EXIF orientation 8"),
        (missing_real, "there is no image .*clip0_000.png"),
        (unknown_image_id, "annotation 0 belongs to the unknown image id 99"),
        (unknown_category, "annotation 0 has the category id 99"),
        (box_outside, "annotation 0 has the bbox .* outside its image of 96 x 96"),
        (empty_split, "the split 'test' of the real images is empty"),
        (same_image_twice, "are the same image in two splits"),
        (no_lens, "cameras.top.lens is missing; give .model: fisheye_equidistant"),
        (polygon_outside, "polygon_px has the point .350, 40., but the image is 96 x 96"),
        (unknown_key, "cropping is not a known field"),
        (weights_that_are_none, "detector.weights.path is .*nothing.pt', but there is no such file"),
        (weights_that_are_text, "weights.pt is not a file of tensors"),
        (
            weights_of_another_network,
            "detector.weights: The weights are of another architecture than this SqueezeDet",
        ),
        (no_detectors, "arms is empty, but a run ends with the report"),
        (refiner_without_store, "there is no store at"),
        (background_in_test, "the background 'empty' is also the image 'clip2_005.png' of test"),
        (no_site, "there is no site file"),
    ],
)
def test_bad_input_is_one_clear_line_and_writes_nothing(tiny_run, capfd, damage, message):
    damage(tiny_run.parent)
    assert main(["run", str(tiny_run)]) == 2
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert re.search(message, lines[0]), lines[0]
    assert not (tiny_run.parent / "store").exists() and not (tiny_run.parent / "runs").exists()

"""A preview from outside: contact sheets, one scene in full, and mistakes in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.images.files import read_image
from tests.flows.tiny_site import SIZE


def preview(path: Path, *options: str) -> tuple[int, str]:
    """(exit code, output) of a preview in a folder of its own."""
    command = [
        sys.executable,
        "-m",
        "flows",
        "preview",
        str(path),
        "--to",
        str(path.parent / "look"),
        *options,
    ]
    done = subprocess.run(
        command,
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_contact_sheets_show_the_scenes_with_and_without_boxes(tiny_run):
    code, output = preview(tiny_run, "--count", "3")
    assert code == 0, output
    assert "3 scenes in" in output and "seed 0" in output
    plain, boxed = (
        read_image(tiny_run.parent / f"look/{name}.jpg") for name in ("scenes", "scenes_with_boxes")
    )
    assert plain.shape == boxed.shape
    differs = np.abs(plain.astype(int) - boxed).max(axis=2) > 40
    assert 0.0005 < differs.mean() < 0.2


def test_one_scene_is_the_scene_of_the_run_whatever_else_is_rendered(tiny_run):
    code, output = preview(tiny_run, "--background", "empty", "--scene", "2")
    assert code == 0, output
    record = json.loads((tiny_run.parent / "look/empty-2.json").read_text())
    assert record["scene"] == 2 and record["people"]
    assert read_image(tiny_run.parent / "look/empty-2.png").shape == (SIZE, SIZE, 3)
    first = (tiny_run.parent / "look/empty-2.png").read_bytes()
    preview(tiny_run, "--scene", "2", "--seed", "5")
    assert (tiny_run.parent / "look/empty-2.png").read_bytes() != first


def test_a_bare_site_file_is_rendered_with_the_defaults(tiny_run):
    overrides = ("--set", "render.settings.standing_people=[2,2]", "--set", "render.settings.samples=1")
    code, output = preview(tiny_run.parent / "site.yaml", "--scene", "0", *overrides)
    assert code == 0, output
    record = json.loads((tiny_run.parent / "look/empty-0.json").read_text())
    assert sum(person["pose"] == "standing" for person in record["people"]) == 2


def test_real_people_are_compared_with_rendered_ones(tiny_run):
    content = json.loads((tiny_run.parent / "real.json").read_text())
    content["categories"] = [{"id": 1, "name": "person"}]
    for annotation in content["annotations"]:
        annotation["bbox"] = [annotation["bbox"][0] - 6, annotation["bbox"][1] - 6, 25, 30]
    (tiny_run.parent / "people.json").write_text(json.dumps(content))
    code, output = preview(tiny_run, "--count", "2", "--compare", "people.json", "--images", "real")
    assert code == 0, output
    assert "medians of 6 real and" in output and "What differs most is" in output
    lengths = next(line for line in output.splitlines() if line.startswith("length, px")).split()
    assert lengths[2] == "30.0" and float(lengths[4]) == pytest.approx(float(lengths[3]) / 30, abs=0.01)
    assert read_image(tiny_run.parent / "look/people.jpg").shape[1] > 300


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--images", "real"), "--images is the folder of the images of --compare"),
        (("--compare", "real.json", "--images", "real"), "none of the 6 real images has a person box"),
        (("--compare", "real.json", "--scene", "1"), "leave --scene out"),
        (("--count", "0"), "--count must be at least 1"),
        (("--background", "cellar"), "--background is 'cellar', but the site has ['empty']"),
        (("--set", "render.settings.samples=0"), "render.settings.samples"),
    ],
)
def test_mistakes_are_one_line(tiny_run, options, message):
    for path in (tiny_run, tiny_run.parent / "site.yaml"):
        code, output = preview(path, *options)
        assert code == 2
        assert message in output and len(output.strip().splitlines()) == 1
    assert not (tiny_run.parent / "look").exists()


def test_the_stand_in_site_cannot_be_previewed_before_it_stands(tmp_path):
    path = tmp_path / "demo.yaml"
    path.write_text((PROJECT_ROOT / "flows/configs/people/demo.yaml").read_text())
    code, output = preview(path)
    assert code == 2 and "name a site file instead" in output

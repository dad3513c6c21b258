"""`flows site new` from outside: without a page, with one, and Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from blender_assets.site import load_site
from flows.commands.command_line import main
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.sites.backgrounds import list_backgrounds
from tests.tasks.sites.describing.drafts import fisheye_draft, write_photo


@pytest.fixture
def photo(tmp_path) -> Path:
    fisheye_draft(tmp_path)
    return tmp_path / "empty_room.png"


def test_without_a_page_a_site_file_is_written_that_a_preview_takes(photo, capsys):
    assert main(["site", "new", str(photo), "--no-page"]) == 0
    (background, _), *others = list_backgrounds(photo.with_name("site.yaml"))
    assert background.name == "empty_room" and not others
    out = capsys.readouterr().out
    assert "found    a fisheye's circle: middle 200" in out
    assert f"next     uv run python -m flows preview {photo.with_name('site.yaml')}" in out
    assert sorted(path.name for path in photo.parent.iterdir()) == ["empty_room.png", "site.yaml"]


def test_a_photo_without_a_circle_becomes_a_site_that_a_preview_takes(tmp_path, capsys):
    photo = write_photo(tmp_path / "hall.jpg", {0xA405: 18}, (450, 300))
    assert main(["site", "new", str(photo), "--to", str(tmp_path / "hall.yaml"), "--no-page"]) == 0
    ((background, _),) = list_backgrounds(tmp_path / "hall.yaml")
    assert background.camera.lens.model_dump()["hfov_deg"] == 90
    assert "found    90 degrees from left to right (EXIF FocalLengthIn35mmFilm)" in capsys.readouterr().out


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(photo, capsys):
    site = photo.with_name("site.yaml")
    site.write_text("mine")
    assert main(["site", "new", str(photo), "--no-page"]) == 2
    assert (
        capsys.readouterr().err
        == f"error: {site} is there already; --overwrite replaces it, and --to names another\n"
    )
    assert site.read_text() == "mine"
    assert main(["site", "new", str(photo), "--no-page", "--overwrite"]) == 0
    assert load_site(site).name == "empty room"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing.jpg"], "there is no image nothing.jpg"),
        (["PHOTO", "--to", "FOLDER"], "--to is the folder"),
        (["PHOTO", "--to", "FOLDER/none/site.yaml"], "there is no folder"),
        (["PHOTO", "--to", "PHOTO", "--overwrite"], "--to is the photo itself"),
        (["PHOTO", "--port", "70000"], "--port must be from 0 to 65535, but was 70000"),
    ],
)
def test_bad_input_is_one_line(photo, arguments, line, capsys):
    named = [word.replace("PHOTO", str(photo)).replace("FOLDER", str(photo.parent)) for word in arguments]
    assert main(["site", "new", *named, "--no-page"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and line in error and error.count("\n") == 1


def begin(photo: Path, *options: str) -> tuple[subprocess.Popen, str]:
    """The command with its page, and what it says until the page is there."""
    command = [sys.executable, "-m", "flows", "site", "new", str(photo), *options]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=os.environ, **streams)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Ctrl-C"):
            break
    return process, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_page_keeps_what_was_done_and_says_what_is_next(photo, number):
    process, said = begin(photo)
    assert re.search(r"page     http://127\.0\.0\.1:\d+/ ", said)
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and "Traceback" not in rest
    assert (
        f"kept     {photo.with_name('site.yaml.draft')}" in rest
        and "next     uv run python -m flows preview" in rest
    )
    assert load_site(photo.with_name("site.yaml")).name == "empty room"


def test_the_same_command_goes_on_with_what_was_left(photo):
    process, _ = begin(photo)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    draft = photo.with_name("site.yaml.draft")
    draft.write_text(draft.read_text().replace('"typed_pose": null', '"typed_pose": {"height_m": 3.21}'))
    process, said = begin(photo)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert "going on with what was marked before" in said and "hangs 3.21 m above" in said


def test_the_page_s_file_may_have_another_name(photo):
    process, _ = begin(photo, "--to", str(photo.with_name("hall.yaml")))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert load_site(photo.with_name("hall.yaml")).backgrounds[0].image == photo.name

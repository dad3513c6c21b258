"""The page's server, asked over HTTP."""

import io
import json
import os
import socket
import struct
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from blender_assets.site import load_site
from flows.commands.site_page.server import SiteServer
from tests.flows.commands.site_page.served import ask, serving
from tests.tasks.sites.describing.drafts import fisheye_draft


@pytest.fixture
def server(tmp_path) -> Iterator[SiteServer]:
    fisheye_draft(tmp_path)
    with serving(tmp_path / "empty_room.png", tmp_path / "site.yaml") as server:
        yield server


def state(server: SiteServer) -> dict:
    return json.loads(ask(server, "state")[1])


def test_only_this_machine_is_listened_to(server):
    assert server.server_address[0] == "127.0.0.1"


def test_the_page_and_all_that_it_names_are_served(server):
    status, page = ask(server, "")
    assert status == 200 and b'<script type="module" src="page.js">' in page
    for name in ("page.css", "page.js", "photo.js", "drawing.js", "server.js", "panels.js", "elements.js"):
        assert ask(server, name)[0] == 200
    assert ask(server, "server.py")[0] == ask(server, "../server.py")[0] == 404
    photo = Image.open(io.BytesIO(ask(server, "photo.jpg")[1]))
    assert photo.size == (400, 400)


def test_a_change_is_answered_kept_and_there_after_a_reload(server):
    draft = state(server)["draft"]
    status, body = ask(server, "draft", draft | {"typed_pose": {"height_m": 3.3}})
    assert status == 200 and json.loads(body)["answer"]["height_m"] == 3.3
    assert json.loads(server.places.draft.read_text())["typed_pose"]["height_m"] == 3.3
    assert state(server)["draft"]["typed_pose"]["height_m"] == 3.3


def test_what_the_photo_says_cannot_be_changed_from_the_page(server):
    draft = state(server)["draft"]
    ask(server, "draft", draft | {"photo": {"name": "x", "width_px": 1, "height_px": 1}, "saved_digest": "0"})
    assert state(server)["draft"]["photo"] == draft["photo"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"lens": {"model": "fisheye_equidistant"}}, "fov_deg"),
        ({"marks": [{"kind": "cat", "start_px": [1, 2], "end_px": [3, 4], "size_m": 1}]}, "marks.0.kind"),
        ({"height": 3}, "height"),
    ],
)
def test_a_wrong_draft_is_one_line_and_changes_nothing(server, change, line):
    before = state(server)["draft"]
    status, body = ask(server, "draft", before | change)
    error = json.loads(body)["error"]
    assert status == 400 and line in error and "\n" not in error
    assert state(server)["draft"] == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b"[1]", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": 1e999}', 400),
        (b" " * 1_000_001, 413),
    ],
)
def test_other_bodies_are_refused(server, body, status):
    assert ask(server, "draft", body)[0] == status


def test_pages_of_others_may_not_ask(server):
    asked = {"there": {"Host": "evil.example"}, "from": {"Origin": "https://evil.example"}}
    for headers in asked.values():
        assert ask(server, "state", headers={"Host": "127.0.0.1", **headers})[0] == 403
        assert ask(server, "save", {}, headers={"Host": "127.0.0.1", **headers})[0] == 403
        assert ask(server, "photo.jpg", headers={"Host": "127.0.0.1", **headers})[0] == 403
    assert ask(server, "draft", {}, headers={"Content-Type": "text/plain"})[0] == 415
    assert (
        ask(server, "state", headers={"Host": "localhost:8123", "Origin": "http://localhost:8123"})[0] == 200
    )
    assert not server.places.site.exists()


def test_a_browser_that_goes_away_is_no_error(server, capfd):
    with socket.create_connection(server.server_address) as asking:
        asking.sendall(b"GET /photo.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
    assert ask(server, "state")[0] == 200
    time.sleep(0.2)
    assert capfd.readouterr().err == ""


def test_save_keeps_a_person_s_file_until_it_is_told(server):
    server.places.site.write_text("mine")
    assert state(server)["file"]["is_foreign"]
    status, body = ask(server, "save", {"replaces": False})
    assert status == 409 and "it is kept" in json.loads(body)["error"]
    assert server.places.site.read_text() == "mine"
    status, body = ask(server, "save", {"replaces": True})
    assert status == 200 and json.loads(body)["file"]["is_saved"]
    assert load_site(server.places.site).cameras["ceiling"].height_m == 2.8


def test_the_real_preview_is_rendered_and_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where its store lies
    fisheye_draft(tmp_path, size_px=96)
    with serving(tmp_path / "empty_room.png", tmp_path / "site.yaml") as server:
        assert ask(server, "preview.jpg")[0] == 404
        status, body = ask(server, "render", {})
        assert status == 200 and json.loads(body)["state"] == "running"
        until = time.monotonic() + 120
        while (last := json.loads(ask(server, "render")[1]))[
            "state"
        ] == "running" and time.monotonic() < until:
            time.sleep(0.1)
        assert last["state"] == "done", last
        width, height = Image.open(io.BytesIO(ask(server, "preview.jpg")[1])).size
    assert width >= 2 * 96 and height >= 96


def test_a_preview_ends_with_the_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fisheye_draft(tmp_path)
    with serving(tmp_path / "empty_room.png", tmp_path / "site.yaml") as server:
        ask(server, "render", {})
        child = server.preview._child
        assert child is not None and child.poll() is None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)

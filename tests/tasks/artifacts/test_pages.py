"""Pages of runs in a store: a folder, and a real S3 server."""

import json
import urllib.request
from pathlib import Path

import pytest

from tasks.artifacts.collection import collect_garbage
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.pages import list_pages, publish_page, read_page, signed_link
from tasks.artifacts.roots import Keeping
from tasks.artifacts.store import Store
from tests.s3_server import BUCKET, start_server

TEXT = "<h1>Wörter</h1>"


def report(folder: Path) -> Path:
    (folder / "sheets").mkdir(parents=True)
    (folder / "index.html").write_text(TEXT, encoding="utf-8")
    (folder / "sheets/a.png").write_bytes(b"png")
    (folder / ".index.html.0a1b").write_text("half of one")
    return folder


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path) -> Store:
    place = str(tmp_path / "store") if request.param == "folder" else f"memory://{tmp_path.name}"
    return StorePlace(place, str(tmp_path / "cache")).open()


def record(store: Store, run: str, started: float) -> None:
    content = {"run": "a", "status": "completed", "started": started, "artifacts": []}
    store.write_record(run, json.dumps(content))


def test_a_page_is_read_with_what_lies_beside_it(store, tmp_path):
    assert list_pages(store) == set()
    publish_page(store, "a-1", report(tmp_path / "report"))
    file = read_page(store, "a-1", "index.html")
    assert file is not None and file.content.decode() == TEXT and file.modified > 1e9
    sheet = read_page(store, "a-1", "sheets/a.png")
    assert sheet is not None and sheet.content == b"png"
    assert list_pages(store) == {"a-1"}
    names = ["none", ".index.html.0a1b", "../../layout", "sheets", "", "a/../index.html", "a\0b", "a\\b"]
    assert [name for name in names if read_page(store, "a-1", name)] == []
    assert read_page(store, "..", "layout") is None and read_page(store, "../pages/a-1", "index.html") is None


def test_a_page_goes_with_the_record_of_its_run(store, tmp_path):
    for number in (1, 2):
        record(store, f"a-{number}", float(number))
        publish_page(store, f"a-{number}", report(tmp_path / f"report-{number}"))
    collect_garbage(store, is_dry_run=False)
    assert list_pages(store) == {"a-1", "a-2"}
    collect_garbage(store, is_dry_run=False, keeping=Keeping(keep_last=1))
    assert list_pages(store) == {"a-2"} and read_page(store, "a-1", "sheets/a.png") is None


def test_a_bucket_signs_a_link_that_opens_without_credentials(tmp_path, monkeypatch):
    server = start_server()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    shared = StorePlace(f"s3://{BUCKET}/pages", str(tmp_path / "cache")).open()
    publish_page(shared, "a-1", report(tmp_path / "report"))
    link = signed_link(shared, "a-1", seconds=60)
    with urllib.request.urlopen(link) as answer:
        assert answer.read().decode() == TEXT and answer.headers["Content-Type"] == "text/html"
    assert "Expires" in link and "Signature" in link
    assert list_pages(shared) == {"a-1"}
    server.end()


def test_a_folder_signs_no_link(tmp_path):
    with pytest.raises(ValueError, match="only a bucket signs links"):
        signed_link(Store(tmp_path / "store"), "a-1")
    memory = StorePlace(f"memory://{tmp_path.name}-signed", str(tmp_path / "cache")).open()
    with pytest.raises(ValueError, match="only a bucket does"):
        signed_link(memory, "a-1")

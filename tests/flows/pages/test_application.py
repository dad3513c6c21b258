"""The application as uvicorn serves it, asked over HTTP by curl's rules: paths are sent as they are written."""

import http.client
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from flows.commands.pages import _listening
from flows.pages.application import Served, make_application
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.pages import publish_page
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store

RUN = "demo-20261201T020000-0a1b2c3d"
PNG = bytes.fromhex("89504e470d0a1a0a")
LOGIN = {"Authorization": f"Basic {b64encode(b'ada:secret').decode()}"}


def fill(store: Store, folder: Path) -> str:
    """A run with a page and one artifact; the artifact's key."""
    (folder / "extra").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>F1 0.44</h1>")
    (folder / "extra/sheet.png").write_bytes(PNG)
    publish_page(store, RUN, folder)

    def build(out: Path) -> None:
        (out / "images").mkdir()
        (out / "images/00 a.png").write_bytes(PNG)
        (out / "log.json").write_text("{}")

    ref = store.obtain(Recipe("scenes", {}, {}, (), ()), build).ref
    step = {"label": "render <yard>", "kind": "scenes", "state": "built", "key": ref.key, "seconds": 2.5}
    rest = {"status": "completed", "started": 0.0, "ended": 90.0, "config": {"pipeline": "people"}}
    store.write_record(RUN, json.dumps({"run": "demo", "artifacts": [step | {"num_bytes": 10}], **rest}))
    return ref.key


class Asked:
    """A server in a thread, and what it answers."""

    def __init__(self, store: Store, password: str | None) -> None:
        application = make_application(Served(store, password, lambda: (b"verisim_up 1\n", "text/plain")))
        self._door = _listening("127.0.0.1", 0)
        self.port = self._door.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, args=([self._door],), daemon=True)
        self._thread.start()

    def __call__(
        self, path: str, *, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path) -> Store:
    place = str(tmp_path / "store") if request.param == "folder" else f"memory://{tmp_path.name}"
    return StorePlace(place, str(tmp_path / "cache")).open()


@pytest.fixture
def key(store, tmp_path) -> str:
    return fill(store, tmp_path / "report")


@pytest.fixture
def ask(store, key) -> Iterator[Asked]:
    asked = Asked(store, None)
    yield asked
    asked.end()


def test_runs_pages_and_artifacts_are_read(ask, key):
    runs, run, artifact = (ask(path)[2].decode() for path in ("/", f"/runs/{RUN}", f"/artifacts/{key}/"))
    assert f'<a href="pages/{RUN}/index.html">demo</a>' in runs and "1.5" in runs
    assert "render &lt;yard&gt;" in run and f"../artifacts/{key}/" in run
    assert 'src="images/00%20a.png"' in artifact
    status, headers, content = ask(f"/pages/{RUN}/")
    assert (status, content) == (200, b"<h1>F1 0.44</h1>") and headers["content-type"].startswith("text/html")
    for path in (f"/pages/{RUN}/extra/sheet.png", f"/artifacts/{key}/images/00%20a.png"):
        status, headers, content = ask(path)
        assert (status, content, headers["content-type"]) == (200, PNG, "image/png")
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
    assert ask("/metrics")[2] == b"verisim_up 1\n"


def test_what_a_browser_has_is_not_sent_again_and_head_sends_no_bytes(ask, key):
    for path in (f"/pages/{RUN}/index.html", f"/artifacts/{key}/log.json"):
        _, headers, content = ask(path)
        assert ask(path, If_None_Match=headers["etag"])[::2] == (304, b"")
        assert ask(path, If_None_Match='"another"')[0] == 200
        status, head, nothing = ask(path, method="HEAD")
        assert (status, nothing, head["content-length"]) == (200, b"", str(len(content)))
    part = ask(f"/artifacts/{key}/images/00%20a.png", Range="bytes=1-3")
    assert part[::2] == (206, b"PNG")


@pytest.mark.parametrize(
    "path",
    [
        "/pages/../layout",
        f"/pages/{RUN}/../../layout",
        f"/pages/{RUN}/..%2f..%2flayout",
        f"/pages/{RUN}/%2e%2e/%2e%2e/layout",
        f"/pages/..%2fruns/{RUN}.json",
        f"/pages/{RUN}//etc/passwd",
        f"/pages/{RUN}/extra",
        f"/pages/{RUN}/.hidden",
        f"/pages/{RUN}/a%00b",
        "/pages//layout",
        "/artifacts/..%2f..%2flayout/",
        "/artifacts/../runs/x",
        "/runs/..%2f..%2flayout",
        "/layout",
    ],
)
def test_nothing_outside_is_read(ask, store, tmp_path, path):
    (tmp_path / "report" / ".hidden").write_text("x")
    assert ask(path)[0] == 404


def test_an_artifact_gives_the_files_of_its_manifest_alone(ask, store, key):
    assert ask(f"/artifacts/{key}/images/../../../layout")[0] == 404
    assert ask(f"/artifacts/{key}/images%2f..%2flog.json")[0] == 404
    assert ask(f"/artifacts/{'0' * 64}/")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_nothing_is_written(ask, method):
    assert ask(f"/pages/{RUN}/index.html", method=method)[0] == 405


def test_without_a_password_only_names_of_this_machine_are_answered(ask):
    assert ask("/", Host="evil.example")[0] == 403
    assert ask("/", Host="127.0.0.1.evil.example:80")[0] == 403
    assert ask("/", Host=f"localhost:{ask.port}")[0] == 200


def test_a_link_in_the_folder_of_pages_leads_nowhere(tmp_path):
    store = Store(tmp_path / "store")
    fill(store, tmp_path / "report")
    (store.root / "pages" / RUN / "out.json").symlink_to(store.root / "runs" / f"{RUN}.json")
    asked = Asked(store, None)
    assert asked(f"/pages/{RUN}/out.json")[0] == 404
    asked.end()


def test_with_a_password_everything_but_the_health_asks_for_it(tmp_path):
    store = Store(tmp_path / "store")
    key = fill(store, tmp_path / "report")
    asked = Asked(store, "ada:secret")
    for path in ("/", f"/runs/{RUN}", f"/pages/{RUN}/index.html", f"/artifacts/{key}/", "/metrics", "/no"):
        status, headers, content = asked(path)
        assert (status, content) == (401, b"user and password, please\n")
        assert headers["www-authenticate"].startswith('Basic realm="verisim"')
    assert asked("/", **LOGIN, Host="pages.example")[0] == 200
    assert asked("/metrics", **LOGIN)[0] == 200
    assert asked("/health")[::2] == (200, b"ok\n")
    wrong = f"Basic {b64encode(b'ada:other').decode()}"
    assert asked("/", Authorization=wrong)[0] == 401
    asked.end()

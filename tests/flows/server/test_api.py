import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import flows.server.api
import flows.server.embedded_server
from flows.commands.watch import unwatch, watch
from flows.people.new_backgrounds import WatchedSite
from flows.server.api import ServerApi
from flows.server.embedded_server import wait_for_api
from tests.flows.serving import free_port


@contextmanager
def answering(*answers: tuple[int, str]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers one after the other, and what it was told as authorization."""
    waiting, heard = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            code, text = waiting.pop(0)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api", heard
    finally:
        server.shutdown()
        server.server_close()


def test_a_busy_server_is_asked_again(monkeypatch):
    pauses: list[float] = []
    monkeypatch.setattr(flows.server.api.time, "sleep", pauses.append)
    with answering((503, "{}"), (503, "{}"), (200, '{"id": 7}')) as (url, _):
        monkeypatch.setenv("PREFECT_API_URL", url)
        assert ServerApi().get("flow_runs/7") == {"id": 7}
    assert pauses == [0.2, 1.0]


def test_a_refusal_names_the_reason_and_is_not_repeated(monkeypatch):
    with answering((409, '{"detail": "0 is less than the minimum of 1"}')) as (url, _):
        monkeypatch.setenv("PREFECT_API_URL", url)
        with pytest.raises(ValueError, match="refused: 0 is less than the minimum of 1"):
            ServerApi().get("flow_runs/7")


def test_a_password_is_sent_and_a_missing_one_is_asked_for(monkeypatch):
    with answering((401, "{}"), (200, "[]")) as (url, heard):
        monkeypatch.setenv("PREFECT_API_URL", url)
        with pytest.raises(ValueError, match="set PREFECT_API_AUTH_STRING=user:password"):
            ServerApi().get("flow_runs/7")
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", "Aladdin:open sesame")  # the example of RFC 7617
        ServerApi().get("flow_runs/7")
    assert heard == ["", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]


@pytest.mark.parametrize("ask", [ServerApi, wait_for_api])
def test_an_address_that_is_none_is_refused(monkeypatch, ask):
    monkeypatch.setenv("PREFECT_API_URL", "nonsense")
    with pytest.raises(
        ValueError, match=r"PREFECT_API_URL is 'nonsense', but must be like http://127\.0\.0\.1:4200/api"
    ):
        ask()


def test_who_waits_for_a_server_says_so_and_ends_with_what_to_do(monkeypatch, capsys):
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    monkeypatch.setattr(flows.server.embedded_server, "_TELL_AFTER_S", 0.05)
    with pytest.raises(
        ValueError, match=r"no Prefect server answers at .*start one with `python -m flows up`"
    ):
        wait_for_api(timeout_s=0.5)
    assert capsys.readouterr().err.count("waiting for the server at http://127.0.0.1") == 1


def test_watching_without_a_server_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    site = WatchedSite(config="run.yaml", photos="photos")
    for ask in (lambda: watch("room", site, every_s=60), lambda: unwatch("room")):
        with pytest.raises(ValueError, match="no Prefect server answers at"):
            ask()

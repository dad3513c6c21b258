"""The page's HTTP server: this machine only, one page, JSON answers."""

import json
import math
import mimetypes
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from flows.commands.site_page.answer import answer_draft, plain
from flows.commands.site_page.preview_child import PreviewChild
from flows.commands.site_page.session import (
    FileIsKept,
    SitePlaces,
    keep_draft,
    save_site,
    saved_state,
    written_text,
)
from flows.configuration.mistakes import explain_mistakes
from tasks.sites.describing.draft import Draft, first_draft
from tasks.sites.describing.lens_forms import lens_forms
from tasks.sites.describing.shown_photo import shown_photo

_SCRIPTS = ("page.js", "panels.js", "elements.js", "photo.js", "drawing.js", "seats.js", "server.js")
_FILES = ("page.html", "page.css", *_SCRIPTS)
_HOSTS = ("127.0.0.1", "localhost", "::1")
_MOST_BYTES = 1_000_000
_MOST_PASSED_OVER_BYTES, _PART_BYTES = 50_000_000, 65_536
_NOT_FROM_HERE = "only a page of this machine may ask"


class PageError(Exception):
    """An answer with a status of its own and one line."""

    def __init__(self, status: HTTPStatus, line: str) -> None:
        super().__init__(line)
        self.status = status


class SiteServer(ThreadingHTTPServer):
    """Serves one draft. `port` 0 takes a free one."""

    daemon_threads = True

    def __init__(self, places: SitePlaces, draft: Draft, *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.places, self.draft, self.preview = places, draft, PreviewChild()
        self.photo_jpeg = shown_photo(places.photo)
        self.lock = threading.Lock()
        self.previews = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that no longer wants an answer is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        self.preview.close()
        super().server_close()

    def state(self) -> dict[str, Any]:
        answer, _ = answer_draft(self.draft)
        draft = self.draft.model_dump(mode="json", exclude_none=True)
        return {"draft": draft, "answer": plain(answer), "file": saved_state(self.draft, self.places)}

    def first_state(self) -> dict[str, Any]:
        """What a page needs once: also the lenses, and where the draft would begin anew."""
        first = first_draft(self.places.photo).model_dump(mode="json", exclude_none=True)
        return self.state() | {"lenses": lens_forms(), "first": first}

    def change(self, content: Any) -> dict[str, Any]:
        """Take a whole draft; what the photo says and what was written stay as they are."""
        kept = {"photo": self.draft.photo, "saved_digest": self.draft.saved_digest}
        self.draft = Draft.model_validate(_mapping(content) | kept)
        keep_draft(self.places, self.draft)
        return self.state()

    def save(self, content: Any) -> dict[str, Any]:
        self.draft = save_site(self.draft, self.places, replaces=_mapping(content).get("replaces") is True)
        keep_draft(self.places, self.draft)
        print(f"wrote    {self.places.site}", flush=True)
        return self.state()

    def render(self, _: Any) -> dict[str, Any]:
        text = written_text(self.draft, self.places.photo.resolve().as_posix())
        self.preview.start(text, seed=self.previews)
        self.previews += 1
        return self.render_state()

    def render_state(self) -> dict[str, Any]:
        return vars(self.preview.state()) | {"number": self.previews}


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place = urlsplit(self.path).path
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/state": self.server.first_state,
            "/render": self.server.render_state,
        }
        if place in answers:
            self._answer(answers[place])
        elif not self._is_asked_from_here():
            self._send(HTTPStatus.FORBIDDEN, "text/plain", _NOT_FROM_HERE.encode())
        elif place in ("/photo.jpg", "/preview.jpg"):
            self._send_picture(place)
        else:
            self._send_file("page.html" if place == "/" else place.removeprefix("/"))

    def do_POST(self) -> None:
        answers = {"/draft": self.server.change, "/save": self.server.save, "/render": self.server.render}
        answer = answers.get(urlsplit(self.path).path)

        def run() -> dict[str, Any]:
            content = self._content()
            if answer is None:
                raise PageError(HTTPStatus.NOT_FOUND, f"there is no {self.path} here")
            return answer(content)

        self._answer(run)

    def _answer(self, run: Callable[[], dict[str, Any]]) -> None:
        """JSON, one request at a time; mistakes become one line and a status."""
        try:
            if not self._is_asked_from_here():
                raise PageError(HTTPStatus.FORBIDDEN, _NOT_FROM_HERE)
            with self.server.lock:
                content, status = run(), HTTPStatus.OK
        except PageError as error:
            # What was sent may not have been read.
            self.close_connection = True
            content, status = {"error": str(error)}, error.status
        except ValidationError as error:
            content, status = {"error": "; ".join(explain_mistakes(error))}, HTTPStatus.BAD_REQUEST
        except FileIsKept as error:
            content, status = {"error": str(error)}, HTTPStatus.CONFLICT
        except ValueError as error:
            content, status = {"error": str(error)}, HTTPStatus.BAD_REQUEST
        except OSError as error:
            line = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            content, status = {"error": line}, HTTPStatus.INTERNAL_SERVER_ERROR
        self._send(status, "application/json", json.dumps(content).encode())

    def _is_asked_from_here(self) -> bool:
        """Other sites that a browser has open may not ask, also not by a name that leads here (DNS rebinding)."""
        asked = [urlsplit(f"//{self.headers.get('Host', '')}").hostname]
        if origin := self.headers.get("Origin"):
            asked.append(urlsplit(origin).hostname)
        return all(host in _HOSTS for host in asked)

    def _content(self) -> Any:
        if self.headers.get_content_type() != "application/json":
            raise PageError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self._pass_over(int(length) if length.isdecimal() else 0)
            raise PageError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"send at most {_MOST_BYTES} bytes")
        try:
            return json.loads(self.rfile.read(int(length)), parse_constant=_refuse, parse_float=_finite)
        except ValueError:
            raise PageError(HTTPStatus.BAD_REQUEST, "that is no JSON") from None

    def _pass_over(self, length: int) -> None:
        """Read what is sent and forget it: a browser that still sends would not hear why it is refused."""
        left = min(length, _MOST_PASSED_OVER_BYTES)
        while left > 0 and (part := self.rfile.read(min(left, _PART_BYTES))):
            left -= len(part)

    def _send_picture(self, place: str) -> None:
        picture = self.server.photo_jpeg if place == "/photo.jpg" else self.server.preview.picture()
        if picture is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is no preview yet")
        else:
            self._send(HTTPStatus.OK, "image/jpeg", picture)

    def _send_file(self, name: str) -> None:
        if name == "favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "image/x-icon", b"")
        elif name in _FILES:
            kind = mimetypes.guess_type(name)[0] or "text/plain"
            self._send(HTTPStatus.OK, f"{kind}; charset=utf-8", Path(__file__).with_name(name).read_bytes())
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is no such page")

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' blob:")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The terminal is for what was found and written."""


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _mapping(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise PageError(HTTPStatus.BAD_REQUEST, "send a JSON object")
    return content

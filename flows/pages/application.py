"""The server of pages as an ASGI application: reads a store and writes nothing."""

import http
import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.pages.answers import SAFE_HEADERS, file_answer, stored_answer
from flows.pages.lists import artifact_page, run_page, runs_page
from flows.pages.passwords import is_let_in
from tasks.artifacts.lookup import all_records
from tasks.artifacts.pages import list_pages, read_page
from tasks.artifacts.store import Store

log = logging.getLogger(__name__)
_READING = ("GET", "HEAD")
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HEALTH = "/health"


@dataclass(frozen=True)
class Served:
    """A store, the password (None: for this machine alone) and what Prometheus is told, as its text."""

    store: Store
    password: str | None
    tell_metrics: Callable[[], tuple[bytes, str]]


def make_application(served: Served) -> ASGIApp:
    """Everything behind the password but `/health`, which says only that it answers."""
    read = _Reading(served)
    routes = [
        Route("/", read.runs, methods=["GET"]),
        Route(_HEALTH, lambda request: PlainTextResponse("ok\n"), methods=["GET"]),
        Route("/favicon.ico", lambda request: Response(status_code=204), methods=["GET"]),
        Route("/metrics", read.metrics, methods=["GET"]),
        Route("/runs/{run}", read.run, methods=["GET"]),
        Route("/pages/{run}", read.to_index, methods=["GET"]),
        Route("/pages/{run}/{name:path}", read.page, methods=["GET"]),
        Route("/artifacts/{key}", read.to_folder, methods=["GET"]),
        Route("/artifacts/{key}/{name:path}", read.artifact, methods=["GET"]),
    ]
    away = {error: _unreadable for error in (OSError, ValueError)}
    return _Gate(Starlette(routes=routes, exception_handlers=away), served.password)


class _Reading:
    """The answers. A store that is away or slow holds up nobody else: each is looked up in a thread."""

    def __init__(self, served: Served) -> None:
        self._store, self._tell_metrics = served.store, served.tell_metrics

    async def runs(self, request: Request) -> Response:
        return await run_in_threadpool(self._runs)

    async def run(self, request: Request) -> Response:
        return await run_in_threadpool(self._run, request)

    async def page(self, request: Request) -> Response:
        return await run_in_threadpool(self._page, request)

    async def artifact(self, request: Request) -> Response:
        return await run_in_threadpool(self._artifact, request)

    async def metrics(self, request: Request) -> Response:
        content, kind = await run_in_threadpool(self._tell_metrics)
        return Response(content, headers={"Content-Type": kind})

    async def to_index(self, request: Request) -> Response:
        return RedirectResponse(f"{request.path_params['run']}/index.html")

    async def to_folder(self, request: Request) -> Response:
        return RedirectResponse(f"{request.path_params['key']}/")

    def _runs(self) -> Response:
        return HTMLResponse(runs_page(self._store.place, all_records(self._store), list_pages(self._store)))

    def _run(self, request: Request) -> Response:
        wanted = request.path_params["run"]
        record = next((item for item in all_records(self._store) if item["id"] == wanted), None)
        if record is None:
            return _nothing()
        return HTMLResponse(run_page(record, has_page=wanted in list_pages(self._store)))

    def _page(self, request: Request) -> Response:
        run, name = request.path_params["run"], request.path_params["name"] or "index.html"
        file = read_page(self._store, run, name)
        return _nothing() if file is None else file_answer(request, name, file.content, file.modified)

    def _artifact(self, request: Request) -> Response:
        """A file that the artifact's manifest names, and no other; of a bucket it is fetched here first."""
        key, name = request.path_params["key"], request.path_params["name"]
        manifest = self._store.manifest(key) if key.isalnum() else None
        if manifest is None:
            return _nothing()
        if not name:
            return HTMLResponse(artifact_page(manifest))
        digests = {file.path: file.sha256 for file in manifest.files}
        path = self._store.folder(manifest.ref) / name
        return (
            stored_answer(request, path, digests[name]) if name in digests and path.is_file() else _nothing()
        )


class _Gate:
    """In front of everything: reading alone, the password, and headers that keep pages to themselves."""

    def __init__(self, behind: ASGIApp, password: str | None) -> None:
        self._behind, self._password = behind, password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._behind(scope, receive, send)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(Request(scope))
        return await (refusal or self._behind)(scope, receive, send_safely)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _READING:
            return PlainTextResponse(
                "only for reading\n", http.HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}
            )
        if self._password is None:
            # A page of another site may have given its own name to this machine's address (DNS rebinding).
            name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
            if name in _LOCAL_NAMES or request.headers.get("host") in _LOCAL_NAMES:
                return None
            return PlainTextResponse("only for this machine\n", http.HTTPStatus.FORBIDDEN)
        if request.url.path == _HEALTH or is_let_in(request.headers.get("authorization"), self._password):
            return None
        return PlainTextResponse(
            "user and password, please\n",
            http.HTTPStatus.UNAUTHORIZED,
            {"WWW-Authenticate": 'Basic realm="verisim", charset="UTF-8"'},
        )


def _unreadable(request: Request, error: Exception) -> Response:
    """A damaged record, a bucket that does not answer: the sentence is for operators, the server's log has more."""
    log.warning("%s: %s", request.url.path, error)
    return PlainTextResponse(f"the store cannot be read: {error}\n", http.HTTPStatus.SERVICE_UNAVAILABLE)


def _nothing() -> Response:
    return PlainTextResponse("there is no such page\n", http.HTTPStatus.NOT_FOUND)

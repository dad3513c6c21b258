"""The page's real server in a thread of the test."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.commands.site_page.server import SiteServer
from flows.commands.site_page.session import SitePlaces, open_draft


@contextmanager
def serving(photo: Path, site: Path) -> Iterator[SiteServer]:
    places = SitePlaces(photo, site)
    server = SiteServer(places, open_draft(places)[0])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(
    server: SiteServer, path: str, content: Any = None, *, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """(status, body); `content` is posted as JSON, bytes as they are."""
    body = content if isinstance(content, bytes) or content is None else json.dumps(content).encode()
    kind = {"Content-Type": "application/json"} if body is not None else {}
    request = urllib.request.Request(server.url + path, body, {**kind, **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()

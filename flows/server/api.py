"""A Prefect server as the commands of the shell ask it: its REST API over HTTP, with every refusal in one clear line.

Prefect's own client takes seconds to import; a look at the newest runs should not.
"""

import base64
import http
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any

from flows.engine.profile import DEFAULT_API_URL

_TIMEOUT_S = 60.0
_PAUSES_S = (0.2, 1.0, 2.0, 5.0, 10.0)
_PAGE = 200  # the most that a server gives at once


class ServerApi:
    """The server of PREFECT_API_URL, or that of `flows up` on this machine."""

    def __init__(self) -> None:
        self.url = server_url()
        self._headers = {"Content-Type": "application/json"} | _authorization()

    @property
    def ui_url(self) -> str:
        """Where the UI is opened."""
        return self.url.removesuffix("/api")

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(f"{self.url}/{path}", headers=self._headers))

    def post(self, path: str, body: Any) -> Any:
        return self._send("POST", path, body)

    def patch(self, path: str, body: dict[str, Any]) -> None:
        self._send("PATCH", path, body)

    def put(self, path: str, body: dict[str, Any]) -> None:
        self._send("PUT", path, body)

    def delete(self, path: str) -> None:
        self._ask(urllib.request.Request(f"{self.url}/{path}", headers=self._headers, method="DELETE"))

    def read_all(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Every page of what a filter finds; `body` names an order."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.post(path, body | {"limit": _PAGE, "offset": len(found)})
            found += page
            if len(page) < _PAGE:
                return found

    def _send(self, method: str, path: str, body: Any) -> Any:
        data = json.dumps(body).encode()
        return self._ask(urllib.request.Request(f"{self.url}/{path}", data, self._headers, method=method))

    def _ask(self, request: urllib.request.Request) -> Any:
        """The answer's JSON; a server whose database is busy (503) is asked again, as Prefect's own client does.

        ValueError where nobody answers, or where the server refuses, with its reason.
        """
        for pause_s in (*_PAUSES_S, None):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                    return json.loads(answer.read() or "null")
            except urllib.error.HTTPError as error:
                if error.code != http.HTTPStatus.SERVICE_UNAVAILABLE or pause_s is None:
                    raise ValueError(self._refusal(error)) from None
                time.sleep(pause_s)
            except OSError as error:
                raise ServerSilentError(silent_server(self.url, error)) from None

    def _refusal(self, error: urllib.error.HTTPError) -> str:
        if error.code == 401:
            return f"the server at {self.url} asks for a password; set PREFECT_API_AUTH_STRING=user:password"
        try:
            content = json.load(error)
            reason = content.get("detail") or content.get("exception_detail") or content
        except ValueError:
            reason = error.reason
        return f"the server at {self.url} refused: {reason}"


def server_url() -> str:
    """The API's address: PREFECT_API_URL, or that of `flows up` on this machine. ValueError where it is none."""
    url = os.environ.get("PREFECT_API_URL", DEFAULT_API_URL)
    if not url.startswith(("http://", "https://")):
        raise ValueError(
            f"PREFECT_API_URL is {url!r}, but must be like {DEFAULT_API_URL}; set it so, or unset it"
        )
    return url.rstrip("/")


def silent_server(url: str, error: OSError) -> str:
    """What to do where nobody answers."""
    return (
        f"no Prefect server answers at {url} ({getattr(error, 'reason', error)}); start one with "
        "`python -m flows up`, or name another in PREFECT_API_URL"
    )


class ServerSilentError(ValueError):
    """Nobody answers; whoever follows a run may try again."""


def _authorization() -> dict[str, str]:
    text = os.environ.get("PREFECT_API_AUTH_STRING")
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"} if text else {}

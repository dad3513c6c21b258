"""A Prefect server as the commands of the shell ask it: its REST API over HTTP, with every refusal in one clear line.

Prefect's own client takes seconds to import; a look at the newest runs should not.
"""

import base64
import json
import os
import urllib.error
import urllib.request
from typing import Any

from flows.prefect_profile import DEFAULT_API_URL

_TIMEOUT_S = 60.0
_PAGE = 200  # the most that a server gives at once


class ServerApi:
    """The server of PREFECT_API_URL, or that of `flows up` on this machine."""

    def __init__(self) -> None:
        self.url = os.environ.get("PREFECT_API_URL", DEFAULT_API_URL).rstrip("/")
        self._headers = {"Content-Type": "application/json"} | _authorization()

    @property
    def ui_url(self) -> str:
        """Where the UI is opened."""
        return self.url.removesuffix("/api")

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(f"{self.url}/{path}", headers=self._headers))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        return self._ask(urllib.request.Request(f"{self.url}/{path}", data, self._headers))

    def read_all(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Every page of what a filter finds; `body` names an order."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.post(path, body | {"limit": _PAGE, "offset": len(found)})
            found += page
            if len(page) < _PAGE:
                return found

    def _ask(self, request: urllib.request.Request) -> Any:
        """The answer's JSON. ValueError where nobody answers, or where the server refuses, with its reason."""
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            raise ValueError(self._refusal(error)) from None
        except OSError as error:
            raise ServerSilentError(
                f"no Prefect server answers at {self.url} ({getattr(error, 'reason', error)}); start one with "
                "`python -m flows up`, or name another in PREFECT_API_URL"
            ) from None

    def _refusal(self, error: urllib.error.HTTPError) -> str:
        if error.code == 401:
            return f"the server at {self.url} asks for a password; set PREFECT_API_AUTH_STRING=user:password"
        try:
            content = json.load(error)
            reason = content.get("detail") or content.get("exception_detail") or content
        except ValueError:
            reason = error.reason
        return f"the server at {self.url} refused: {reason}"


class ServerSilentError(ValueError):
    """Nobody answers; whoever follows a run may try again."""


def _authorization() -> dict[str, str]:
    text = os.environ.get("PREFECT_API_AUTH_STRING")
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"} if text else {}

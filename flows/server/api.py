"""A Prefect server as the commands of the shell ask it: its REST API over HTTP, with every refusal in one clear line.

Prefect's own client asks a server that went away for a minute before it says so; whoever waits here is told at once.
"""

import http
import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from flows.server.connection import find_connection

_TIMEOUT_S, _HEALTH_TIMEOUT_S = 60.0, 5.0
_REFUSALS = (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN)
_PAUSES_S = (0.2, 1.0, 2.0, 5.0, 10.0)
_PAGE = 200  # the most that a server gives at once


class ServerApi:
    """The server that Prefect's settings name, or that of `flows up` on this machine."""

    def __init__(self) -> None:
        self._connection = find_connection()
        self._opener = self._connection.opener
        self._forgery_headers: dict[str, str] | None = None  # not asked for yet

    @property
    def url(self) -> str:
        return self._connection.url

    @property
    def ui_url(self) -> str:
        """Where the UI is opened."""
        return self._connection.ui_url

    def get(self, path: str) -> Any:
        return self._ask(self._request("GET", path))

    def post(self, path: str, body: Any) -> Any:
        return self._send("POST", path, body)

    def patch(self, path: str, body: dict[str, Any]) -> None:
        self._send("PATCH", path, body)

    def put(self, path: str, body: dict[str, Any]) -> None:
        self._send("PUT", path, body)

    def delete(self, path: str) -> None:
        self._send("DELETE", path, None)

    def read_all(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Every page of what a filter finds; `body` names an order."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.post(path, body | {"limit": _PAGE, "offset": len(found)})
            found += page
            if len(page) < _PAGE:
                return found

    def is_healthy(self) -> bool:
        """Whether the server answers that it can work; ServerSilentError where nobody answers."""
        try:
            return self._open(self._request("GET", "health"), timeout_s=_HEALTH_TIMEOUT_S) is True
        except urllib.error.HTTPError as error:
            if error.code in _REFUSALS:
                raise ValueError(self._refusal(error)) from None
            raise self._silence(error) from None
        except OSError as error:
            raise self._silence(error) from None

    def _request(self, method: str, path: str, data: bytes | None = None) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"} | self._connection.headers
        return urllib.request.Request(f"{self.url}/{path}", data, headers, method=method)

    def _send(self, method: str, path: str, body: Any) -> Any:
        request = self._request(method, path, None if method == "DELETE" else json.dumps(body).encode())
        if self._forgery_headers is None:
            self._forgery_headers = self._ask_for_forgery_headers()
        for name, value in self._forgery_headers.items():
            request.add_header(name, value)
        return self._ask(request)

    def _ask_for_forgery_headers(self) -> dict[str, str]:
        """What a server with protection against forged requests (CSRF) wants to see; empty for one without."""
        client = str(uuid.uuid4())
        try:
            token = self._open(self._request("GET", f"csrf-token?client={client}"))["token"]
        except (OSError, LookupError, TypeError):  # the request itself says what is wrong, if something is
            return {}
        return {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": client}

    def _ask(self, request: urllib.request.Request) -> Any:
        """The answer's JSON; a server whose database is busy (503) is asked again, as Prefect's own client does.

        ValueError where nobody answers, or where the server refuses, with its reason.
        """
        for pause_s in (*_PAUSES_S, None):
            try:
                return self._open(request)
            except urllib.error.HTTPError as error:
                if error.code != http.HTTPStatus.SERVICE_UNAVAILABLE or pause_s is None:
                    raise ValueError(self._refusal(error)) from None
                time.sleep(pause_s)
            except OSError as error:
                raise self._silence(error) from None

    def _open(self, request: urllib.request.Request, *, timeout_s: float = _TIMEOUT_S) -> Any:
        with self._opener.open(request, timeout=timeout_s) as answer:
            return json.loads(answer.read() or "null")

    def _silence(self, error: OSError) -> ValueError:
        """What to do where nobody answers: ServerSilentError where one may try again."""
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            return ValueError(
                f"the certificate of the server at {self.url} is not trusted ({reason.verify_message}); name the file of "
                "your authority in PREFECT_API_SSL_CERT_FILE"
            )
        return ServerSilentError(
            f"no Prefect server answers at {self.url} ({reason}); start one with `python -m flows up`, or name another "
            "in PREFECT_API_URL or in the active profile of Prefect"
        )

    def _refusal(self, error: urllib.error.HTTPError) -> str:
        if error.code == http.HTTPStatus.UNAUTHORIZED:
            return (
                f"the server at {self.url} asks for a password or a key; set PREFECT_API_AUTH_STRING=user:password "
                "or PREFECT_API_KEY, or name them in the active profile of Prefect"
            )
        try:
            content = json.load(error)
            reason = content.get("detail") or content.get("exception_detail") or content
        except ValueError:
            reason = error.reason
        return f"the server at {self.url} refused: {reason}"


class ServerSilentError(ValueError):
    """Nobody answers; whoever follows a run may try again."""

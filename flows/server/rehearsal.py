"""The server as a deploy sees it that is to write nothing."""

import uuid
from typing import Any

from flows.server.api import ServerApi

_READING = ("/filter", "/count")


class RehearsedApi(ServerApi):
    """Reads from the server; what would be made there is remembered here, and what would be changed or removed is not."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, dict[str, Any]] = {}  # by the path that reads it

    def get(self, path: str) -> Any:
        return self._made[path] if path in self._made else super().get(path)

    def post(self, path: str, body: Any) -> Any:
        if path.endswith(_READING):
            return super().post(path, body)
        if not isinstance(body, dict):
            return body
        made = {"global_concurrency_limit": None} | body | {"id": str(uuid.uuid4())}
        self._made |= {f"{path}{made[name]}": made for name in ("id", "name") if name in made}
        return made

    def patch(self, path: str, body: dict[str, Any]) -> None: ...

    def put(self, path: str, body: dict[str, Any]) -> None: ...

    def delete(self, path: str) -> None: ...

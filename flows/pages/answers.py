"""Answers with a file: its kind by its name, an ETag, and nothing that a page could do with a browser beyond itself."""

import hashlib
import mimetypes
from email.utils import formatdate
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

# A report is one file with its scripts, styles and pictures in it; nothing of it may call elsewhere.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "private, no-cache",  # kept, and asked for again with its ETag
}


def file_answer(request: Request, name: str, content: bytes, modified: float) -> Response:
    """The file, or 304 where the browser has it already; HEAD gives the same headers."""
    headers = {
        "ETag": _tag(hashlib.sha256(content).hexdigest()),
        "Last-Modified": formatdate(modified, usegmt=True),
    }
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_kind(name), headers=headers)


def stored_answer(request: Request, path: Path, sha256: str) -> Response:
    """The same for a file of an artifact, which may be large: it is sent in parts, and a part of it may be asked for."""
    headers = {"ETag": _tag(sha256)}
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=_kind(path.name), headers=headers)


def _tag(sha256: str) -> str:
    return f'"{sha256[:32]}"'


def _is_known(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "").split(",")
    return etag in [tag.strip().removeprefix("W/") for tag in known]


def _kind(name: str) -> str:
    kind, encoding = mimetypes.guess_type(name)
    return "application/octet-stream" if encoding or kind is None else kind

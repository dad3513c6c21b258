"""Who may read the pages: everybody on this machine, or whoever knows the user and password (basic auth, RFC 7617)."""

import base64
import binascii
import hmac
import ipaddress
import os
from pathlib import Path

PAGES_AUTH = "VERISIM_PAGES_AUTH"
_HOW = f"write user:password into a file for --auth-file, or into {PAGES_AUTH}"


def find_password(path: Path | None) -> str | None:
    """`user:password` of the file, or of VERISIM_PAGES_AUTH; None without either. ValueError for what is none."""
    source = PAGES_AUTH if path is None else str(path)
    text = os.environ.get(PAGES_AUTH) if path is None else path.read_text(encoding="utf-8")
    if text is None:
        return None
    user, colon, password = text.strip("\r\n").partition(":")
    if not (user and colon and password):
        raise ValueError(f"{source} must hold user:password, but has no such text; {_HOW}")
    return f"{user}:{password}"


def require_password(host: str, password: str | None) -> None:
    """ValueError where others than this machine could read without one."""
    if password is None and not is_loopback(host):
        raise ValueError(
            f"--host is {host}, where other machines could read everything, and no password is set; {_HOW}, or listen on "
            "127.0.0.1 behind a proxy that asks for one"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_let_in(header: str | None, password: str) -> bool:
    """Whether a request's header Authorization has the user and password; as long for a wrong one as for the right one."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, password.encode())

"""`python -m flows pages`: the pages of a store's runs for browsers of other machines, and figures for Prometheus."""

import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows.engine.profile import apply_client_profile
from flows.pages.passwords import find_password, require_password
from tasks.artifacts.opening import StorePlace


@dataclass(frozen=True)
class PageServer:
    """Which store is shown, where, and the file that holds user:password."""

    store: StorePlace
    host: str
    port: int
    auth_file: Path | None


def serve_pages(wanted: PageServer) -> int:
    """Answer until Ctrl-C or SIGTERM. ValueError for a place that cannot be listened on or must not be."""
    password = find_password(wanted.auth_file)
    require_password(wanted.host, password)
    store = wanted.store.open_existing()
    with _listening(wanted.host, wanted.port) as door:
        apply_client_profile()
        import uvicorn

        from flows.pages.application import Served, make_application

        application = make_application(Served(store, password, _figures(wanted.store)))
        who = "who has the password" if password else "this machine alone"
        port = door.getsockname()[1]
        print(f"ready: http://{_bracketed(wanted.host)}:{port} for {who}; Ctrl-C ends it", flush=True)
        config = uvicorn.Config(
            application, log_level="warning", lifespan="off", proxy_headers=False, server_header=False
        )
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[door])
    return 0


def _figures(place: StorePlace) -> Callable[[], tuple[bytes, str]]:
    """What a scrape gets: of the store, of the server, of this machine."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    from flows.server.server_figures import ServerFigures
    from flows.watching.metrics import MachineFigures, StoreFigures

    store = place.open_existing()
    registry = CollectorRegistry(auto_describe=False)
    for collector in (StoreFigures(store), ServerFigures(), MachineFigures((store.root,))):
        registry.register(collector)
    return lambda: (generate_latest(registry), CONTENT_TYPE_LATEST)


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ValueError(f"--port must be from 0 (any free one) to 65535, but was {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ValueError(
            f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}; choose another --port or --host"
        ) from None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

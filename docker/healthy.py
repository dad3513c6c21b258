#!/usr/bin/env python
"""The health check of a container: `healthy.py server`, or `healthy.py worker POOL`; exit code 0 is healthy.

The standard library alone: importing Prefect for every check would cost a tenth of a core.
"""

import base64
import json
import os
import platform
import sys
import urllib.request
from datetime import datetime, timedelta
from typing import Any

_SILENCE = timedelta(minutes=2)  # workers say every 30 s that they live


def main(arguments: list[str]) -> int:
    try:
        healthy = is_server_healthy() if arguments[0] == "server" else is_worker_healthy(arguments[1])
    except OSError as error:
        print(f"no Prefect server answers at {os.environ['PREFECT_API_URL']}: {error}")
        return 1
    return 0 if healthy else 1


def is_server_healthy() -> bool:
    return _ask("health")[0] is True


def is_worker_healthy(pool: str) -> bool:
    """Whether the worker of this host in `pool` was heard lately, by the server's clock."""
    on_server = os.environ.get("VERISIM_POOL_PREFIX", "") + pool
    workers, now = _ask(f"work_pools/{on_server}/workers/filter", {})
    names = (platform.node(), f"{platform.node()} {pool}")
    for worker in workers:
        heard = datetime.fromisoformat(worker["last_heartbeat_time"])
        if worker["name"] in names and now - heard < _SILENCE:
            return True
    print(f"no worker of {platform.node()} in the pool {pool} was heard in the last {_SILENCE}")
    return False


def _ask(path: str, body: Any = None) -> tuple[Any, datetime]:
    """(answer, the server's time)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{os.environ['PREFECT_API_URL']}/{path}", data)
    request.add_header("Content-Type", "application/json")
    if secret := os.environ.get("PREFECT_API_AUTH_STRING"):
        request.add_header("Authorization", f"Basic {base64.b64encode(secret.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        now = datetime.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S %Z").astimezone()
        return json.load(answer), now


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

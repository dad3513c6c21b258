"""What was told is not told again at once, also not by another process of this host."""

import contextlib
import hashlib
import os
import time
from pathlib import Path

AGAIN_AFTER_S = 3600.0


def is_due(name: str) -> bool:
    """Whether nobody on this host told of `name` within the last hour; the caller then tells."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    mark = home / "verisim-told" / hashlib.sha256(name.encode()).hexdigest()[:16]
    with contextlib.suppress(OSError):  # of a full disk above all: told twice is better than not at all
        if mark.exists() and time.time() - mark.stat().st_mtime < AGAIN_AFTER_S:
            return False
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return True

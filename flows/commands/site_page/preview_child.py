"""The real preview of a draft, in a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasks.artifacts.code_version import PROJECT_ROOT

_SCENES = 2
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class PreviewState:
    state: Literal["none", "running", "done", "failed"]
    seconds: int = 0
    message: str = ""


class PreviewChild:
    """One preview at a time; a new one ends the one before."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="verisim-site-", ignore_cleanup_errors=True)
        self._child: subprocess.Popen | None = None
        self._started = 0.0
        self._end: PreviewState | None = None

    def start(self, site_text: str, *, seed: int) -> None:
        """`site_text` names the photo absolutely. Each seed shows other people."""
        self._stop_child()
        folder = Path(self._folder.name)
        (folder / "site.yaml").write_text(site_text, encoding="utf-8")
        for old in folder.glob("preview/*"):
            old.unlink()
        paths = os.pathsep.join(filter(None, [str(PROJECT_ROOT), os.environ.get("PYTHONPATH")]))
        options = ["--count", str(_SCENES), "--seed", str(seed), "--to", str(folder / "preview")]
        command = [sys.executable, "-m", "flows", "preview", str(folder / "site.yaml"), *options]
        with (folder / "log.txt").open("w", encoding="utf-8") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": paths},
                start_new_session=True,
            )
        self._started, self._end = time.monotonic(), None

    def state(self) -> PreviewState:
        if self._child is None:
            return PreviewState("none")
        if self._end is not None:
            return self._end
        seconds = round(time.monotonic() - self._started)
        code = self._child.poll()
        if code is None:
            return PreviewState("running", seconds)
        self._end = (
            PreviewState("done", seconds) if code == 0 else PreviewState("failed", seconds, self._reason())
        )
        return self._end

    def picture(self) -> bytes | None:
        """JPEG of the rendered scenes, or None where there is none (yet)."""
        path = Path(self._folder.name) / "preview/scenes.jpg"
        return path.read_bytes() if self.state().state == "done" and path.is_file() else None

    def close(self) -> None:
        self._stop_child()
        self._folder.cleanup()

    def _reason(self) -> str:
        """The error in one line, as the command says it; without one the log's last line."""
        text = (Path(self._folder.name) / "log.txt").read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        return errors[-1] if errors else (lines or ["the preview ended without a word"])[-1]

    def _stop_child(self) -> None:
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        # The command ends its own children then.
        child.terminate()
        try:
            child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

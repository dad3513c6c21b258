"""A folder that appears when all of it is written, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A hidden folder beside `target` to write into, which takes its place at the end.

    ValueError, before anything is written, for a target that holds something.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError(f"--to names {target}, which is not an empty folder; name a new one or empty it")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield partial
        partial.chmod(0o755)
        # Takes the place of an empty folder too.
        partial.replace(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise

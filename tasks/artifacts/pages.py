"""The pages of runs in a store: a copy of what each run left for people, by the run's id, until the run is forgotten.

pages/<run>/index.html    beside the files that belong to it; a static server or a bucket can serve the folder `pages`
"""

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.disk import remove
from tasks.artifacts.shared_store import SharedStore
from tasks.artifacts.store import PAGES, Store

LONGEST_S = 7 * 24 * 3600  # the longest that S3 signs for


@dataclass(frozen=True)
class PageFile:
    """A file of a run's page: its bytes, and seconds since 1970 when it was written."""

    content: bytes
    modified: float


def publish_page(store: Store, run: str, folder: Path) -> None:
    """Copy the files below `folder` into the store as the page of the run with this id; its index comes last."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    for path in sorted(files, key=lambda path: path.name == "index.html"):
        name = f"{PAGES}/{run}/{path.relative_to(folder).as_posix()}"
        if isinstance(store, SharedStore):
            store.remote.upload(path, name)
        else:
            _copy(path, store.root / name)


def read_page(store: Store, run: str, name: str) -> PageFile | None:
    """A file of a run's page; None where there is none, and for a name that leads out of the page's folder."""
    place = _place(run, name)
    if place is None:
        return None
    if isinstance(store, SharedStore):
        found, content = store.remote.stat(place), store.remote.read(place)
        return None if found is None or content is None else PageFile(content, found.modified)
    path = store.root / place
    is_inside = path.resolve().is_relative_to(store.root / PAGES / run)  # whatever links lie there
    if not is_inside or not path.is_file():
        return None
    return PageFile(path.read_bytes(), path.stat().st_mtime)


def list_pages(store: Store) -> set[str]:
    """The ids of runs that have a page."""
    if isinstance(store, SharedStore):
        names = (file.name.split("/") for file in store.remote.list(PAGES))
        return {parts[1] for parts in names if parts[2:] == ["index.html"]}
    return {path.parent.name for path in (store.root / PAGES).glob("*/index.html")}


def signed_link(store: Store, run: str, *, seconds: int = LONGEST_S) -> str:
    """An address that opens the page for so long without credentials; ValueError for a store that signs none."""
    if not isinstance(store, SharedStore):
        raise ValueError(f"the store {store.place} is a folder, and only a bucket signs links")
    return store.remote.signed_link(f"{PAGES}/{run}/index.html", seconds=seconds)


def _place(run: str, name: str) -> str | None:
    parts = [run, *name.split("/")]
    is_safe = all(
        part and not part.startswith(".") and "\0" not in part and "\\" not in part for part in parts
    )
    return f"{PAGES}/{'/'.join(parts)}" if is_safe and "/" not in run else None


def _copy(path: Path, target: Path) -> None:
    """Readers see the old file or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        shutil.copyfile(path, partial)
        partial.replace(target)
    finally:
        remove(partial)

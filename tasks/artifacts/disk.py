"""Files of a store on this host's disk: written so that readers see the old or the new, synced, weighed, removed."""

import ctypes
import os
import shutil
import uuid
from pathlib import Path


def read_folder(folder: Path) -> dict[str, str]:
    """The JSON texts of a folder by the names of their files."""
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("[!.]*.json")}


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that readers see the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Delete a folder or file of the store, read-only or not; nothing there is fine."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def weight(path: Path) -> int:
    """Bytes that deleting frees; a hard link into another artifact frees its share only."""
    files = [file.stat() for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    return sum(file.st_size // file.st_nlink for file in files)


def disk_full_message(root: Path) -> str:
    """What to say, and what to do, where the store's disk has no room."""
    free = shutil.disk_usage(root).free / 1e6
    return (
        f"the disk of the store {root} is full ({free:.0f} MB free): free some space "
        "(`python -m flows artifacts gc` helps) or set another `store`, then run the same command again"
    )


def read_bytes(path: Path) -> bytes | None:
    """None where there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def make_read_only(folder: Path) -> None:
    """All files below a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def sync_file_system(folder: Path) -> None:
    """Bring all written files to the disk in one call: an fsync per file would cost seconds for 2,000."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs failed", str(folder))
    except AttributeError:  # no syncfs on this platform
        os.sync()
    finally:
        os.close(descriptor)

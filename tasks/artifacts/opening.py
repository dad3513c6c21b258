"""Where artifacts are kept, as a person names it: a folder, or a URL with a folder of this host in front of it."""

import os
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.store import FOLDERS, Store

DEFAULT = "verisim-store"
IN_CONFIGURATION = "`store` in the configuration, e.g. with --set store=FOLDER"


@dataclass(frozen=True)
class StorePlace:
    """`url` is a folder or e.g. s3://bucket/prefix; `cache` holds what this host used of the latter."""

    url: str = DEFAULT
    cache: str = DEFAULT

    def open(self) -> Store:
        """The store, made where there is none; ValueError for a folder of other things, which it would fill."""
        folder = self._folder()
        if not self.is_shared:
            return Store(folder)
        from tasks.artifacts.remote_folder import RemoteFolder
        from tasks.artifacts.shared_store import SharedStore

        return SharedStore(RemoteFolder(self.url), folder)

    def open_to_build(self) -> Store:
        """The store; ValueError where its folder here cannot be made or written, which a build would find much later."""
        folder = self._folder()
        try:
            store = self.open()
        except OSError as error:
            raise ValueError(_unwritable(folder, error.strerror or str(error))) from error
        if not os.access(store.root / "building", os.W_OK):
            raise ValueError(_unwritable(folder, "it is read-only for this account"))
        return store

    def open_existing(self, *, named_by: str = "--store") -> Store:
        """The store; ValueError where there is none, so that a typing mistake makes no empty one.

        `named_by` is how the person names its place.
        """
        if not self.exists():
            raise ValueError(
                f"there is no store at {self.url}; give its folder or URL with {named_by}, or run a configuration first"
            )
        return self.open()

    def exists(self) -> bool:
        """ValueError where there could be none: a folder of other things."""
        folder = self._folder()
        if not self.is_shared:
            return (folder / "layout").is_file()
        from tasks.artifacts.remote_folder import RemoteFolder

        return RemoteFolder(self.url).stat("layout") is not None

    @property
    def is_shared(self) -> bool:
        return "://" in self.url

    def _require_bucket(self) -> None:
        if self.is_shared and not self.url.partition("://")[2].strip("/"):
            raise ValueError(
                f"store is {self.url!r}, which names no bucket; give e.g. s3://bucket/prefix, or a folder"
            )

    def _folder(self) -> Path:
        """The one of this host, which is a store, or empty, or not there."""
        self._require_bucket()
        folder, field = (Path(self.cache), "store_cache") if self.is_shared else (Path(self.url), "store")
        if folder.exists() and not (folder / "layout").is_file() and _holds_other_things(folder):
            raise ValueError(
                f"{field} is {str(folder)!r}, which is no store and not empty; give a store's folder, or a new one"
            )
        return folder


def _unwritable(folder: Path, reason: str) -> str:
    return (
        f"the store {folder} cannot be written ({reason}): mount it writable and give the account that works the right "
        "to write there, or set another `store`"
    )


def _holds_other_things(folder: Path) -> bool:
    """Than a store that another process is making, and what an empty disk holds."""
    own = (*FOLDERS, "prefect", "lost+found")
    return not folder.is_dir() or any(
        path.name not in own and not path.name.startswith(".") for path in folder.iterdir()
    )

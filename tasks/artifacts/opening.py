"""Where artifacts are kept, as a person names it: a folder, or a URL with a folder of this host in front of it."""

from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.store import Store

DEFAULT = "verisim-store"


@dataclass(frozen=True)
class StorePlace:
    """`url` is a folder or e.g. s3://bucket/prefix; `cache` holds what this host used of the latter."""

    url: str = DEFAULT
    cache: str = DEFAULT

    def open(self) -> Store:
        """The store, made where there is none."""
        if not self._is_shared:
            return Store(Path(self.url))
        from tasks.artifacts.remote_folder import RemoteFolder
        from tasks.artifacts.shared_store import SharedStore

        return SharedStore(RemoteFolder(self.url), Path(self.cache))

    def open_existing(self) -> Store:
        """The store; ValueError where there is none, so that a typing mistake makes no empty one."""
        if not self.exists():
            raise ValueError(
                f"there is no store at {self.url}; give its folder or URL with --store, or run a configuration first"
            )
        return self.open()

    def exists(self) -> bool:
        if not self._is_shared:
            return (Path(self.url) / "layout").is_file()
        from tasks.artifacts.remote_folder import RemoteFolder

        return RemoteFolder(self.url).stat("layout") is not None

    @property
    def _is_shared(self) -> bool:
        return "://" in self.url

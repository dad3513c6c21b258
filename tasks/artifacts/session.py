"""This process at a shared store: the keys it uses and the locks it holds, renewed for as long as it lives.

locks/<key>/<number>   the highest number counts; whoever creates the next one, which only one can, has the lock
leases/<process>       the keys that a living process uses, and the collection of garbage that it has made way for

Times are those of the files on the remote side, so that the clocks of the hosts do not matter.
"""

import atexit
import contextlib
import json
import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator

from tasks.artifacts.remote_folder import RemoteFile, RemoteFolder

LEASE_S = 60.0  # a process that was silent for so long counts as dead
GC = "gc"  # the key of the lock that garbage collection holds
_RELEASED = b"-"  # a lock's file has one byte after its release, and many while it is held
log = logging.getLogger("verisim.store")


class Session:
    """Renews in a thread of its own from the first use on; safe for threads."""

    def __init__(self, folder: RemoteFolder, *, lease_s: float = LEASE_S) -> None:
        self._folder = folder
        self._lease_s, self._pause_s = lease_s, min(1.0, lease_s / 8)
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._lease = f"leases/{self.name}"
        self._keys: set[str] = set()
        self._held: dict[str, bytes] = {}
        self._num_using, self._made_way_for = 0, ""
        self._changed = threading.Condition()
        self._renewing, self._holding = threading.Lock(), threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def using(self) -> Iterator[None]:
        """Find or publish; waits while garbage is collected, which in turn waits for the end of this."""
        self._start()
        with self._changed:
            self._changed.wait_for(lambda: not self._made_way_for)
            self._num_using += 1
        try:
            yield
        finally:
            with self._changed:
                self._num_using -= 1

    def hold(self, key: str) -> None:
        """Keep an artifact from garbage collection while this process lives; to be called within `using`."""
        with self._changed:
            self._keys.add(key)

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Exclusive among all hosts; waits for another holder until it is done, or silent for too long."""
        self._start()
        name, is_told = self._try_lock(key), False
        while name is None:
            if not is_told:
                log.info("another process holds %s: waiting for it", key[:12])
                is_told = True
            time.sleep(random.uniform(0.5, 1.5) * self._pause_s)
            name = self._try_lock(key)
        try:
            yield
        finally:
            self._release(name)

    @contextlib.contextmanager
    def collecting(self) -> Iterator[set[str]]:
        """Alone with the store: the keys that living processes use, none of which finds or publishes meanwhile."""
        with self.lock(GC):
            yield self._wait_for_all(self._current_gc())

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._renew()
        with self._holding:
            if self._thread is None:
                self._thread = threading.Thread(target=self._live, name="store-lease", daemon=True)
                self._thread.start()
                atexit.register(self.end)

    def end(self) -> None:
        """Leave the store, also where it cannot be reached; of itself at the end of the process."""
        self._ended.set()
        self._folder.lose_patience()
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # then the lease expires
            self._folder.delete([self._lease])

    def _live(self) -> None:
        while not self._ended.wait(self._pause_s if self._made_way_for else self._lease_s / 4):
            try:
                self._renew()
            except Exception as error:  # whatever a library raises: without this thread all leases would end
                if not self._ended.is_set():
                    log.warning("the lease of this process was not renewed: %s", error)

    def _renew(self) -> None:
        """Say again what is held, then see whether somebody collects garbage, who in turn looks at leases last."""
        with self._renewing:
            self._write_lease()
            self._renew_locks()
            current = self._current_gc()
            if current == self._made_way_for:
                return
            with self._changed:
                self._made_way_for = current  # from here on nothing begins
                self._changed.notify_all()
            # What has begun may be a long upload.
            while self._num_using and current and not self._ended.wait(self._pause_s):
                self._write_lease()
                self._renew_locks()
            self._write_lease()

    def _renew_locks(self) -> None:
        for name in list(self._held):
            with self._holding:
                if content := self._held.get(name):
                    self._folder.write(name, content)

    def _release(self, name: str) -> None:
        with self._holding:
            del self._held[name]
        try:
            self._folder.write(name, _RELEASED)
        except (OSError, ValueError) as error:
            log.warning("a lock was not released and will expire: %s", error)

    def _write_lease(self) -> None:
        with self._changed:
            gc = "" if self._num_using else self._made_way_for
            content = json.dumps({"keys": sorted(self._keys), "gc": gc})
        self._folder.write(self._lease, content.encode())

    def now(self) -> float:
        """The remote side's clock."""
        self._write_lease()
        lease = self._folder.stat(self._lease)
        assert lease is not None
        return lease.modified

    def _try_lock(self, key: str) -> str | None:
        """The name of the file that we hold, or None."""
        files = self._folder.list(f"locks/{key}")
        if files and self._is_held(files[-1]):
            return None
        if files and files[-1].size > len(_RELEASED):
            log.warning("the process that held %s is dead or cut off: taking over", key[:12])
        number = int(files[-1].name.rpartition("/")[2]) + 1 if files else 1
        name, content = f"locks/{key}/{number:08d}", f"{self.name} {uuid.uuid4().hex}".encode()
        if not self._folder.create(name, content):
            return None
        newest = self._folder.list(f"locks/{key}")[-1].name
        if newest != name:  # somebody took the lock and cleared older files between our look and our create
            self._folder.delete([name])
            return None
        with self._holding:
            self._held[name] = content
        self._folder.delete([file.name for file in files])
        return name

    def _is_held(self, file: RemoteFile) -> bool:
        return file.size != len(_RELEASED) and self.now() - file.modified < self._lease_s

    def _current_gc(self) -> str:
        """The lock of a living collection of garbage, "" when there is none."""
        files = self._folder.list(f"locks/{GC}")
        return files[-1].name if files and self._is_held(files[-1]) else ""

    def _wait_for_all(self, gc: str) -> set[str]:
        while True:
            self._renew()
            leases, now = self._folder.list("leases"), self.now()
            living = [file.name for file in leases if now - file.modified < self._lease_s]
            contents = [json.loads(content) for content in self._folder.read_many(living).values()]
            if all(content["gc"] == gc for content in contents):
                self._folder.delete([file.name for file in leases if file.name not in living])
                return {key for content in contents for key in content["keys"]}
            time.sleep(self._pause_s)

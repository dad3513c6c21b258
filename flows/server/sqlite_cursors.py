"""Keeps Prefect's server from standing still for a minute when SQLite was busy once.

A statement that fails ("database is locked") leaves its cursor open, held by the traceback. Whoever drops that later, mostly
the thread of the event loop, waits until the connection's next statement has ended. Where that one waits for a lock that a
task of the loop holds, everything waits until SQLite gives up, which Prefect lets it do after a minute.
"""

from collections.abc import Callable
from typing import Any

from aiosqlite.cursor import Cursor


def close_failed_cursors() -> None:
    """From now on a cursor whose statement fails, or is no longer waited for, is closed in its connection's own thread."""
    execute = Cursor._execute

    async def execute_or_close(self: Cursor, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await execute(self, fn, *args, **kwargs)
        except BaseException:
            self._conn._tx.put_nowait((None, self._cursor.close))
            raise

    Cursor._execute = execute_or_close

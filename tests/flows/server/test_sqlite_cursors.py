"""In a process of its own, as the mend stays in the process that made it."""

import subprocess
import sys
from pathlib import Path

from tasks.artifacts.code_version import PROJECT_ROOT

FAILED_STATEMENT = """
import asyncio, gc, sys, time
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine
from flows.server.sqlite_cursors import close_failed_cursors

def prepare(connection, record):  # as Prefect does; it waits for 60 s
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA busy_timeout = 2000")
    cursor.close()

async def freeze(path):
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    sqlalchemy.event.listen(engine.sync_engine, "connect", prepare)
    async with engine.connect() as one, engine.connect() as other:
        await one.exec_driver_sql("CREATE TABLE numbers (number)")
        await one.exec_driver_sql("BEGIN DEFERRED")
        await one.exec_driver_sql("SELECT * FROM numbers")
        await other.exec_driver_sql("INSERT INTO numbers VALUES (1)")
        try:
            await one.exec_driver_sql("INSERT INTO numbers VALUES (2)")
        except sqlalchemy.exc.OperationalError as error:
            failure = error
        await one.exec_driver_sql("ROLLBACK")
        await other.exec_driver_sql("BEGIN IMMEDIATE")
        writing = asyncio.create_task(one.exec_driver_sql("INSERT INTO numbers VALUES (3)"))
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        del failure
        gc.collect()
        print(f"{time.monotonic() - begun:.1f}")
        await other.exec_driver_sql("COMMIT")
        await writing
        print((await one.exec_driver_sql("SELECT sum(number) FROM numbers")).scalar())

if sys.argv[2:] == ["mended"]:
    close_failed_cursors()
asyncio.run(freeze(sys.argv[1]))
"""


def run(*arguments: str) -> list[str]:
    command = [sys.executable, "-c", FAILED_STATEMENT, *arguments]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True).stdout.split()


def test_a_failed_statement_does_not_stop_the_server_until_sqlite_gives_up(tmp_path: Path):
    (stood_still,) = run(str(tmp_path / "bare.db"))  # and the write has failed
    assert float(stood_still) > 1.5, (
        "SQLAlchemy or aiosqlite close such cursors now: flows/server/sqlite_cursors.py may go"
    )
    stood_still, total = run(str(tmp_path / "mended.db"), "mended")
    assert float(stood_still) < 1 and total == "4"

import json
from pathlib import Path

import pytest

import flows.server.troubles
from flows.server.troubles import ServerTroubles

# As a server of Prefect 3.8.8 wrote them.
FAILED = """08:55:11.353 | ERROR   | docket.dependencies - ↩ [    20ms] schedule_deployments(){schedule_deployments}
Traceback (most recent call last):
  File "docket/worker.py", line 1134, in _execute
    result = await execution.function(
  File "sqlalchemy/ext/hybrid.py", line 1851, in prop
    raise exc.InvalidRequestError(
sqlalchemy.exc.InvalidRequestError: Can't evaluate bulk DML statement; please supply a bulk_dml decorated function
"""
LOCKED = """08:57:24.144 | ERROR   | docket.dependencies - ↩ [ 60137ms] mark_work_queues_ready(polled=...){mark:7048}
Traceback (most recent call last):
sqlite3.OperationalError: database is locked

The above exception was the direct cause of the following exception:

sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked
[SQL: UPDATE work_queue SET last_polled=:last_polled]
"""
OTHER = "08:57:24.215 | ERROR   | prefect.server.utilities.worker_channel - Worker channel is away\n"


@pytest.fixture
def log(tmp_path) -> Path:
    path = tmp_path / "server.log"
    path.write_text(FAILED)  # of an earlier server
    return path


def append(log: Path, text: str) -> None:
    with log.open("a") as stream:
        stream.write(text)


def test_a_scheduler_that_fails_is_told_once_with_its_reason(log):
    troubles = ServerTroubles(log)
    assert troubles.news() == []
    append(log, OTHER + FAILED + OTHER)
    reason = "Can't evaluate bulk DML statement; please supply a bulk_dml decorated function"
    assert troubles.news() == [
        "warning: the server's service schedule_deployments fails, so that nothing scheduled begins: "
        f"sqlalchemy.exc.InvalidRequestError: {reason}; {log} has more"
    ]
    append(log, FAILED)
    assert troubles.news() == []


def test_it_is_told_again_after_an_hour(log, monkeypatch):
    troubles = ServerTroubles(log)
    append(log, FAILED)
    assert len(troubles.news()) == 1
    append(log, FAILED)
    monkeypatch.setattr(flows.server.troubles, "_AGAIN_AFTER_S", -1.0)
    assert len(troubles.news()) == 1


def test_a_database_that_is_locked_often_asks_for_another_one(log):
    troubles = ServerTroubles(log)
    append(log, 9 * LOCKED)
    assert troubles.news() == []
    append(log, LOCKED)
    (line,) = troubles.news()
    assert line.startswith("the server's database was locked 10 times in ten minutes") and "Postgres" in line


def test_half_a_line_waits_for_its_end_and_a_shortened_log_is_read_from_its_begin(log):
    troubles = ServerTroubles(log)
    append(log, FAILED[:-20])
    troubles.news()
    log.write_text(FAILED.replace("schedule_deployments", "monitor_late_runs"))
    assert [line.split()[4] for line in troubles.news()] == ["monitor_late_runs"]


def test_a_log_of_json_lines_is_read_as_well(log):
    troubles = ServerTroubles(log)
    head, _, traceback = FAILED.partition("\n")
    said = head.partition(" - ")[2]
    record = {
        "level": "ERROR",
        "logger": "docket.dependencies",
        "message": said,
        "traceback": traceback.rstrip(),
    }
    append(log, f'{json.dumps(record)}\n{{"level": "INFO"}}\nno JSON\n')
    (line,) = troubles.news()
    assert line.startswith(
        "warning: the server's service schedule_deployments fails, so that nothing scheduled begins"
    )
    assert "sqlalchemy.exc.InvalidRequestError: Can't evaluate bulk DML statement" in line

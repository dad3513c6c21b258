"""What `flows up` tells of its server's log: a service that fails while the UI says that all is well, a busy database."""

import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

_RECORD = re.compile(r"^\d\d:\d\d:\d\d\.\d+ \| ", flags=re.MULTILINE)
_SERVICE = re.compile(r"\AERROR +\| docket\.\S+ - \S+ \[[^\]]*\] (\w+)\(")
_REASON = re.compile(r"^[\w.]*(?:Error|Exception|Exit)\b.*", flags=re.MULTILINE)
_LOCKED, _MOST_LOCKED, _WITHIN_S = "database is locked", 10, 600.0
_AGAIN_AFTER_S = 3600.0


@dataclass
class ServerTroubles:
    """What was read of a log, beginning with its end."""

    log: Path
    _read: int = field(init=False)
    _told: dict[str, float] = field(default_factory=dict)
    _locked: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._read = self._size()

    def news(self) -> list[str]:
        """Lines about what came since; each trouble once an hour."""
        now, found = time.monotonic(), {}
        for record in self._records():
            if _LOCKED in record:
                self._locked.append(now)
            elif service := _SERVICE.match(record):
                reasons = _REASON.findall(record)
                found[service[1]] = _failing(service[1], reasons[-1] if reasons else "", self.log)
        while self._locked and now - self._locked[0] > _WITHIN_S:
            self._locked.popleft()
        if len(self._locked) >= _MOST_LOCKED:
            found[_LOCKED] = (
                f"the server's database was locked {len(self._locked)} times in ten minutes: SQLite is slow for so much; "
                "docs/operations.md says under Start how to give the server a Postgres"
            )
        fresh = {key: line for key, line in found.items() if self._is_due(key, now)}
        self._told |= dict.fromkeys(fresh, now)
        return list(fresh.values())

    def _is_due(self, key: str, now: float) -> bool:
        return key not in self._told or now - self._told[key] > _AGAIN_AFTER_S

    def _records(self) -> list[str]:
        """Of whole lines, with their tracebacks and without their times."""
        if self._size() < self._read:  # it was shortened
            self._read = 0
        if self._size() == self._read:
            return []
        with self.log.open("rb") as log:
            log.seek(self._read)
            text, end, _ = log.read().rpartition(b"\n")
        self._read += len(text) + len(end)
        return _RECORD.split("\n".join(map(_as_text, text.decode(errors="replace").split("\n"))))[1:]

    def _size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


def _as_text(line: str) -> str:
    """A log line that is JSON as Prefect's own form has it; any other as it is."""
    if not line.startswith("{"):
        return line
    try:
        record = json.loads(line)
        said = f"00:00:00.000 | {record['level']:<7} | {record['logger']} - {record['message']}"
    except (ValueError, KeyError, TypeError):
        return line
    return said + (f"\n{record['traceback']}" if record.get("traceback") else "")


def _failing(service: str, reason: str, log: Path) -> str:
    effect = ", so that nothing scheduled begins" if service.startswith("schedule_") else ""
    return f"warning: the server's service {service} fails{effect}: {reason[:200]}; {log} has more"

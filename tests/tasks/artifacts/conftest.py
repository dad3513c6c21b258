"""A real S3 server for the tests of the shared store, one for the whole folder."""

from collections.abc import Iterator

import pytest

from tasks.artifacts.session import Session
from tests.s3_server import BUCKET, S3Server, start_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = start_server()
    yield server
    server.end()


@pytest.fixture(autouse=True)
def left_stores(monkeypatch) -> Iterator[None]:
    """Every test leaves its shared stores: a lease that is renewed after the server's end complains of that."""
    begun: list[Session] = []
    start = Session._start

    def noted(session: Session) -> None:
        begun.append(session)
        start(session)

    monkeypatch.setattr(Session, "_start", noted)
    yield
    for session in begun:
        session.end()


@pytest.fixture
def s3_url(s3_server, monkeypatch, request) -> str:
    """A place of the test's own on the server, which this process and its children can reach."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{abs(hash(request.node.nodeid)):x}"

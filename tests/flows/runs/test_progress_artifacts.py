import time
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest

from flows.runs import progress_artifacts
from flows.runs.progress_artifacts import ProgressBoard, artifact_key
from tasks.building.run_context import Outcome

FIRST = UUID(int=1)


class FakeClient:
    """Notes what it is told; refuses the first `num_refused` times as a server does that is being started again."""

    def __init__(self, num_refused: int = 0) -> None:
        self.told: list[tuple[str, float, str]] = []
        self._num_refused = num_refused

    def create_artifact(self, artifact):
        self._tell("create", artifact)
        return SimpleNamespace(id=FIRST)

    def update_artifact(self, artifact_id, artifact):
        assert artifact_id == FIRST
        self._tell("update", artifact)

    def delete_artifact(self, artifact_id):
        assert artifact_id == FIRST
        self._tell("delete", SimpleNamespace(data=0.0, description=""))

    def _tell(self, what, artifact):
        if self._num_refused:
            self._num_refused -= 1
            raise httpx.ConnectError("no server")
        self.told.append((what, artifact.data, artifact.description))


@pytest.fixture
def board(monkeypatch) -> ProgressBoard:
    monkeypatch.setattr(progress_artifacts, "_EVERY_S", 0.02)
    return ProgressBoard()


def report_long(board: ProgressBoard) -> None:
    listener = board.listener_for("render hall 0-9")
    listener(0, 8, "")
    time.sleep(0.03)
    listener(2, 8, "scene 2")


def test_a_long_step_gets_one_artifact_that_is_updated_when_there_is_news(board):
    client = FakeClient()
    report_long(board)
    board._tell_all(client)
    board._tell_all(client)
    board._steps[0].heard = (8, 8, "")
    board._tell_all(client)
    assert client.told == [
        ("create", 25.0, "render hall 0-9: 2 of 8, scene 2"),
        ("update", 100.0, "render hall 0-9: 8 of 8"),
    ]


@pytest.mark.parametrize("state", ["built", "failed"])
def test_the_artifact_of_a_step_that_is_over_is_removed_and_those_of_others_stay(board, state):
    client = FakeClient()
    report_long(board)
    board._tell_all(client)
    board.end_step(Outcome("another step", "crops", state))
    board._tell_all(client)
    board.end_step(Outcome("render hall 0-9", "scenes", state))
    board._tell_all(client)
    board._tell_all(client)
    assert client.told == [("create", 25.0, "render hall 0-9: 2 of 8, scene 2"), ("delete", 0.0, "")]


def test_a_step_that_ended_soon_or_reported_nothing_gets_none(board):
    client = FakeClient()
    board.listener_for("quick")(2, 2, "")
    board.listener_for("silent")
    time.sleep(0.03)
    board._tell_all(client)
    assert client.told == []


def test_a_server_that_does_not_answer_is_told_later(board):
    client = FakeClient(num_refused=1)
    report_long(board)
    board._tell_all(client)
    assert client.told == []
    board._tell_all(client)
    assert client.told == [("create", 25.0, "render hall 0-9: 2 of 8, scene 2")]


@pytest.mark.parametrize(
    ("label", "key"),
    [("train detector on S+", "train-detector-on-s-plus"), ("render Über 0-1", "render-ber-0-1")],
)
def test_keys_of_artifacts_have_small_letters_digits_and_dashes_only(label, key):
    assert artifact_key(label) == key

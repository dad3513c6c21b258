"""Trainings in the test's own process: a child would import torch again."""

from types import ModuleType
from typing import Any

import pytest


def run_here(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """From now on the training step of `module` starts no child."""

    def run_training(name: str, spec: dict[str, Any], *, threads: int, processes: int = 1) -> None:
        assert name == module.__name__ and processes == 1
        module._train({**spec, "threads": threads}, lambda done, total, note: None)

    monkeypatch.setattr(module, "run_training", run_training)

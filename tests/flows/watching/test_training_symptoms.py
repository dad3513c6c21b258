"""Symptoms as trainings write them into their progress."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from flows.watching.training_symptoms import TrainingWatch, listened
from models.translation.monitoring.config import WarningBounds
from models.translation.monitoring.symptoms import find_symptoms
from tasks.training.translator_runs import Course

COLLAPSED = {"change_grey_levels": 40.0, "diversity_ratio": 0.1}
BOTH = {"change_grey_levels": 0.1, "diversity_ratio": 0.1}


@pytest.fixture
def heard(monkeypatch):
    """(a training's course, what is told of it)"""
    troubles: list = []
    monkeypatch.setattr("tasks.training.translator_runs.write_png", lambda path, image: None)
    monkeypatch.setattr("tasks.training.translator_runs._samples", lambda scratch: scratch)
    hear = listened("demo", "train refiner", lambda done, total, note: None, troubles.append)
    return Course(hear, Path("/nowhere")), troubles


def train(course: Course, *looks: tuple[int, dict[str, float]]) -> None:
    """Losses, and a look at each of the steps."""
    for step, figures in looks:
        course.report({"step": step, "total_steps": 900, "epoch": 0, "learning_rate": 1e-4, "cycle": 0.25})
        found = find_symptoms(figures, WarningBounds())
        course.observe(SimpleNamespace(step=step, warnings=found, grid=None))  # type: ignore[arg-type]


def test_a_collapse_that_two_looks_find_is_told_once(heard):
    course, troubles = heard
    train(course, (100, COLLAPSED))
    assert troubles == []
    train(course, (200, COLLAPSED), (300, COLLAPSED))
    (trouble,) = troubles
    assert trouble.event == "verisim.training.collapsed" and trouble.about == ("demo", "train refiner")
    assert trouble.message.startswith(
        "train refiner at step 200 of run demo: The refined crops look alike (mode collapse)"
    )
    assert trouble.message.endswith("or try another seed.")


def test_what_is_well_again_and_what_is_found_once_is_not_told(heard):
    course, troubles = heard
    train(course, (100, COLLAPSED), (200, {"change_grey_levels": 40.0, "diversity_ratio": 1.0}))
    assert troubles == []


def test_another_symptom_is_another_event_and_each_is_told_with_its_own_advice(heard):
    course, troubles = heard
    train(course, (100, BOTH), (200, BOTH))
    assert [item.event for item in troubles] == ["verisim.training.suspicious", "verisim.training.collapsed"]
    assert troubles[0].message.endswith(
        "Train longer, or lower the weights of the cycle and identity losses."
    )


def test_notes_of_other_steps_say_nothing():
    watch = TrainingWatch("demo", "render")
    assert [watch.hear(note) for note in ("", "about 3 min left, G 0.3", "scene 3")] == [[], [], []]

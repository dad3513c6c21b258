"""Trainings whose looks at themselves find something wrong twice: told at once, not in tomorrow's report."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flows.watching.events import TRAINING_COLLAPSED, TRAINING_SUSPICIOUS, Trouble
from tasks.building.progress import Listener

_SEEN = re.compile(r"^at step (\d+): (.*?)(?: - |$)")  # as tasks.training.translator_runs.Course writes it
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")
_COLLAPSE = "mode collapse"


@dataclass
class TrainingWatch:
    """One training, `label`, of `run`. A first look may find a training that has only begun; the second one is told."""

    run: str
    label: str
    _first_seen: dict[str, int] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def hear(self, note: str) -> list[Trouble]:
        """What is to be told after this note of the training's progress: each symptom once."""
        seen = _SEEN.match(note)
        if seen is None:
            return []
        step, found = int(seen[1]), []
        for sentence in _symptoms(seen[2]):
            name = sentence.partition(":")[0]
            if self._first_seen.setdefault(name, step) < step and name not in self._told:
                self._told.add(name)
                event = TRAINING_COLLAPSED if _COLLAPSE in name else TRAINING_SUSPICIOUS
                message = f"{self.label} at step {step} of run {self.run}: {sentence}"
                found.append(Trouble(event, (self.run, self.label), message))
        return found


def _symptoms(text: str) -> list[str]:
    """Each with its advice: a sentence that names a figure, and the one behind it."""
    symptoms: list[str] = []
    for sentence in _SENTENCE.split(text):
        if ":" in sentence or not symptoms:
            symptoms.append(sentence)
        else:
            symptoms[-1] += f" {sentence}"
    return symptoms


def listened(run: str, label: str, listener: Listener, tell: Callable[[Trouble], None]) -> Listener:
    """The listener of a step that also watches for symptoms; `tell` is called with each `Trouble`."""
    watch = TrainingWatch(run, label)

    def hear(done: int, total: int, note: str) -> None:
        listener(done, total, note)
        for trouble in watch.hear(note):
            tell(trouble)

    return hear

"""The steps of a run as a graph: what each needs, how long it takes, and where it is made."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TimedStep:
    """One artifact of a run: how long it takes to make, and the names of those that must be there before."""

    name: str
    kind: str
    seconds: float
    needs: tuple[str, ...] = ()
    is_training: bool = False
    is_estimate: bool = False  # the store has none, `seconds` is the median of its kind


@dataclass(frozen=True)
class Hosts:
    """`trainings` are those of the pool gpu, each with one at a time; the run's own host makes all else, `at_once`."""

    trainings: int
    at_once: int

    def places(self, step: TimedStep) -> int:
        """How many steps such as this one are made at once."""
        return self.trainings if step.is_training else self.at_once


def in_order(steps: Sequence[TimedStep]) -> list[TimedStep]:
    """Every step after those that it needs (Kahn 1962)."""
    following, waits = followers(steps), [len(found) for found in needed(steps)]
    found = [number for number, count in enumerate(waits) if not count]
    for number in found:
        for follower in following[number]:
            waits[follower] -= 1
            if not waits[follower]:
                found.append(follower)
    assert len(found) == len(steps), "steps need one another in a circle"
    return [steps[number] for number in found]


def needed(steps: Sequence[TimedStep]) -> list[list[int]]:
    """Of each step the places of those that it needs. What is not in `steps` is there already."""
    places = {step.name: number for number, step in enumerate(steps)}
    return [sorted({places[name] for name in step.needs if name in places}) for step in steps]


def followers(steps: Sequence[TimedStep]) -> list[list[int]]:
    """Of each step the places of those that need it."""
    found: list[list[int]] = [[] for _ in steps]
    for number, sources in enumerate(needed(steps)):
        for source in sources:
            found[source].append(number)
    return found


def chains_behind(order: Sequence[TimedStep]) -> list[float]:
    """Seconds of the longest chain that follows each step, without the step itself."""
    following, behind = followers(order), [0.0] * len(order)
    for number in range(len(order) - 1, -1, -1):
        behind[number] = max((order[each].seconds + behind[each] for each in following[number]), default=0.0)
    return behind


def chains_before(order: Sequence[TimedStep]) -> list[float]:
    """Seconds of the longest chain that must end before each step begins."""
    before: list[float] = []
    for sources in needed(order):
        before.append(max((before[each] + order[each].seconds for each in sources), default=0.0))
    return before

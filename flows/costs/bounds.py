"""A time that no order of steps can beat, whoever chooses it: what a simulated end is measured by."""

from collections.abc import Iterator, Sequence

import numpy as np

from flows.costs.graph import Hosts, TimedStep, chains_before, chains_behind, needed

_MOST_STEPS = (
    12_000  # beyond it the table of who needs whom, a byte for each pair, would take too much memory
)
_ROWS = 512


def least_seconds(order: Sequence[TimedStep], hosts: Hosts) -> float:
    """A lower bound of the end; `order` has every step after those that it needs.

    For sets of steps that share places: the shortest time before one of them, the time that they take on these places, the
    shortest time after one of them (Carlier 1982, here for several places).
    """
    if not order:
        return 0.0
    seconds = np.array([step.seconds for step in order])
    heads, tails = _around(order, hosts)
    bounds = [float((heads + seconds + tails).max())]
    for chosen in _sets(order, heads, tails):
        places = hosts.places(order[chosen[0]])
        bounds.append(heads[chosen].min() + _together(seconds[chosen], places) + tails[chosen].min())
    return float(max(bounds))


def _together(seconds: np.ndarray, places: int) -> float:
    """The least time for steps that do not need one another: their sum, and the longest ones, which nobody divides."""
    longest = np.sort(seconds)[::-1]
    # Of k * places + 1 steps one place makes k + 1 or more, at the least the k + 1 shortest of them.
    rounds = [longest[k * places - k : k * places + 1].sum() for k in range((len(longest) - 1) // places + 1)]
    return float(max([seconds.sum() / places, *rounds]))


def _sets(order: Sequence[TimedStep], heads: np.ndarray, tails: np.ndarray) -> Iterator[np.ndarray]:
    """Places in `order` of all trainings and of all else; of each kind; and of these what begins, or is followed, late."""
    groups: dict[object, list[int]] = {}
    for number, step in enumerate(order):
        groups.setdefault(step.is_training, []).append(number)
        groups.setdefault(step.kind, []).append(number)
    for members in map(np.array, groups.values()):
        for key in (heads, tails):
            for share in (0.0, 0.25, 0.5, 0.75):
                yield members[key[members] >= np.quantile(key[members], share)]


def _around(order: Sequence[TimedStep], hosts: Hosts) -> tuple[np.ndarray, np.ndarray]:
    """Seconds that pass at the least before each step begins, and after it: its chain, and the work that it needs."""
    heads, tails = np.array(chains_before(order)), np.array(chains_behind(order))
    if len(order) > _MOST_STEPS:
        return heads, tails
    load = np.zeros((len(order), 2), np.float32)
    for number, step in enumerate(order):
        load[number, int(step.is_training)] = step.seconds / hosts.places(step)
    before, after = _loads(_reached(needed(order)), load)
    return np.maximum(heads, before), np.maximum(tails, after)


def _reached(sources: list[list[int]]) -> np.ndarray:
    """bool [steps, steps]: whether a step (row) needs another one (column), also by way of others."""
    table = np.zeros((len(sources), len(sources)), bool)
    for number, found in enumerate(sources):
        for source in found:
            table[number] |= table[source]
        table[number, found] = True
    return table


def _loads(table: np.ndarray, load: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The longer of both columns of `load`, summed over what each step needs, and over what needs it."""
    before, after = np.zeros_like(load), np.zeros_like(load)
    for start in range(0, len(table), _ROWS):
        rows = slice(start, start + _ROWS)
        part = table[rows].astype(np.float32)
        before[rows] = part @ load
        after += part.T @ load[rows]
    return before.max(axis=1), after.max(axis=1)

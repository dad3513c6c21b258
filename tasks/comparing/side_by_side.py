"""The whole comparison of two runs, as data for a terminal or a program."""

from dataclasses import asdict, dataclass
from typing import Any

from tasks.comparing.fields import FieldDifference, list_differences
from tasks.comparing.judging import ArmDifference, judge_arms, why_unjudged
from tasks.comparing.runs import FinishedRun


@dataclass(frozen=True)
class RunScore:
    """What one arm reached in one run: means over its seeds by the measures' names (None: not defined), and the 95 %
    interval of the run's main measure.
    """

    run: str  # A or B
    arm: str
    values: dict[str, float | None]
    interval: tuple[float, float] | None
    num_seeds: int

    def record(self) -> dict[str, Any]:
        """For JSON."""
        ends = {"interval": self.interval, "num_seeds": self.num_seeds}
        return {"run": self.run, "arm": self.arm, **self.values, **ends}


@dataclass(frozen=True)
class KindSeconds:
    """What the artifacts of one kind took to make in either run; 0 where it has none."""

    kind: str
    first: float
    second: float


@dataclass(frozen=True)
class SideBySide:
    """Run A beside run B. `differences` are empty where `unjudged` says why."""

    first: FinishedRun
    second: FinishedRun
    fields: list[FieldDifference]
    scores: list[RunScore]
    differences: list[ArmDifference]
    unjudged: str | None
    seconds: list[KindSeconds]

    def record(self) -> dict[str, Any]:
        """For JSON."""
        names = {"A": self.first, "B": self.second}
        return {
            "runs": {
                name: {
                    "id": run.id,
                    "name": run.name,
                    "started": run.started,
                    "measure": run.measure.record(),
                }
                for name, run in names.items()
            },
            "fields": [asdict(item) for item in self.fields],
            "scores": [item.record() for item in self.scores],
            "differences": [item.record() for item in self.differences],
            "unjudged": self.unjudged,
            "seconds": [asdict(item) for item in self.seconds],
        }


def compare_runs(first: FinishedRun, second: FinishedRun) -> SideBySide:
    """ValueError where both are the same run."""
    if first.id == second.id:
        raise ValueError(f"both are the run {first.id}; name another, by its id if it has the same name")
    unjudged = why_unjudged(first, second)
    return SideBySide(
        first=first,
        second=second,
        fields=list_differences(first.configuration, second.configuration),
        scores=_scores(first, second),
        differences=[] if unjudged else judge_arms(first, second),
        unjudged=unjudged,
        seconds=_seconds(first, second),
    )


def _scores(first: FinishedRun, second: FinishedRun) -> list[RunScore]:
    """Arm by arm, those of the second run alone last."""
    return [
        _score(name, run, arm)
        for arm in dict.fromkeys([*first.scores, *second.scores])
        for name, run in (("A", first), ("B", second))
        if arm in run.scores
    ]


def _score(name: str, run: FinishedRun, arm: str) -> RunScore:
    score = run.scores[arm]
    return RunScore(
        run=name,
        arm=arm,
        values={measure.name: score[measure.name] for measure in run.measures},
        interval=score["interval"],
        num_seeds=len(run.counted.seeds),
    )


def _seconds(first: FinishedRun, second: FinishedRun) -> list[KindSeconds]:
    """The dearest kinds first."""
    kinds = {**first.seconds, **second.seconds}
    items = [KindSeconds(kind, first.seconds.get(kind, 0.0), second.seconds.get(kind, 0.0)) for kind in kinds]
    return sorted(items, key=lambda item: (-max(item.first, item.second), item.kind))

"""The steps that every pipeline has."""

from tasks.artifacts.recipe import Ref
from tasks.journeys.step_task import journey_task, obtain
from tasks.sweeping import table


@journey_task("tabulate sweep")
def tabulate_sweep(config: table.SweepTableConfig, points: list[Ref], *, label: str) -> Ref:
    return obtain(table.tabulate_sweep, config, label, points=points)

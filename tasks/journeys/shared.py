"""The steps that every pipeline has."""

from tasks.artifacts.recipe import Ref
from tasks.journeys.step_task import journey_task, obtain
from tasks.sweeping import table, training_summary


@journey_task("tabulate sweep")
def tabulate_sweep(config: table.SweepTableConfig, points: list[Ref], *, label: str) -> Ref:
    return obtain(table.tabulate_sweep, config, label, points=points)


@journey_task("summarise training")
def summarise_training(config: training_summary.TrainingSummaryConfig, training: Ref, *, label: str) -> Ref:
    return obtain(training_summary.summarise_training, config, label, training=training)

"""What a sweep found: the figures of each of its points, and one table of them all."""

from tasks.sweeping.points import KindCost, PointConfig
from tasks.sweeping.summary import SummaryConfig, summarise_point
from tasks.sweeping.table import SweepTableConfig, tabulate_sweep

__all__ = [
    "KindCost",
    "PointConfig",
    "SummaryConfig",
    "SweepTableConfig",
    "summarise_point",
    "tabulate_sweep",
]

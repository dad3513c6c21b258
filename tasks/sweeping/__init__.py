"""What a sweep found: the figures of each of its points, and one table of them all."""

from tasks.sweeping.summary import summarise_point
from tasks.sweeping.table import PointConfig, SweepTableConfig, tabulate_sweep

__all__ = ["PointConfig", "SweepTableConfig", "summarise_point", "tabulate_sweep"]

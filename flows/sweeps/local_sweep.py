"""Runs a sweep in this process, and prints its table."""

from flows.configuration.result_pages import sweep_page
from flows.runs.local_run import FAILED, SUCCEEDED, run_work
from flows.sweeps.config import SweepConfig, list_points
from flows.sweeps.flow import PointsFailed, sweep
from flows.sweeps.text_table import print_table
from tasks.artifacts.store import Store


def sweep_here(config: SweepConfig, store: Store) -> int:
    """Run `sweep` and print its table and its end; returns the exit code."""
    shared = list_points(config)[0].config
    table = sweep_page(shared).with_name("table.json")

    def work() -> tuple[int, str]:
        try:
            code, message = SUCCEEDED, f"table: {sweep(config)}"
        except PointsFailed as error:
            code, message = FAILED, f"error: {error}"
        print_table(table)
        return code, message

    return run_work(shared.name, shared.compute, store, work)

"""The report's tables as CSV files, for whoever wants to go on with the numbers."""

from pathlib import Path
from typing import Any

import pandas as pd


def write_tables(folder: Path, content: dict[str, Any], artifacts: list[dict[str, Any]]) -> None:
    """`results.csv` (one row an arm), `comparisons.csv` and `artifacts.csv` in `folder`."""
    evaluation = content["evaluation"]
    with_bounds(evaluation["scores"]).to_csv(folder / "results.csv", index=False)
    with_bounds(evaluation["comparisons"]).to_csv(folder / "comparisons.csv", index=False)
    pd.DataFrame(artifacts).to_csv(folder / "artifacts.csv", index=False)


def with_bounds(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows with the interval as two columns, empty where there is none."""
    table = pd.DataFrame(records)
    if "interval" not in table:
        return table
    bounds = [interval or (None, None) for interval in table.pop("interval")]
    table["interval_low"], table["interval_high"] = zip(*bounds, strict=True)
    return table

"""The report's tables as CSV files, for whoever wants to go on with the numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.judging.measures import read_measure

if TYPE_CHECKING:  # a fifth of a second in every process that knows the journey; few write tables
    import pandas as pd


def write_tables(folder: Path, content: dict[str, Any], artifacts: list[dict[str, Any]]) -> None:
    """`results.csv` (a row an arm), `seeds.csv` (a row an arm and seed), `comparisons.csv` and `artifacts.csv`."""
    import pandas as pd

    evaluation = content["evaluation"]
    with_bounds([_flat_score(item) for item in evaluation["scores"]]).to_csv(
        folder / "results.csv", index=False
    )
    seeds = [
        {"arm": score["arm"], **_flat_score(item)}
        for score in evaluation["scores"]
        for item in score["seeds"]
    ]
    pd.DataFrame(seeds).to_csv(folder / "seeds.csv", index=False)
    with_bounds([_flat(item) for item in evaluation["comparisons"]]).to_csv(
        folder / "comparisons.csv", index=False
    )
    pd.DataFrame(artifacts).to_csv(folder / "artifacts.csv", index=False)


def with_bounds(records: list[dict[str, Any]]) -> "pd.DataFrame":
    """Rows with the interval as two columns, empty where there is none."""
    import pandas as pd

    table = pd.DataFrame(records)
    if "interval" not in table:
        return table
    bounds = [interval or (None, None) for interval in table.pop("interval")]
    table["interval_low"], table["interval_high"] = zip(*bounds, strict=True)
    return table


def _flat_score(score: dict[str, Any]) -> dict[str, Any]:
    """With a column for each average precision, and without seeds, which have a table of their own."""
    rest = {name: value for name, value in score.items() if name not in ("seeds", "average_precisions")}
    return rest | score.get("average_precisions", {})


def _flat(comparison: dict[str, Any]) -> dict[str, Any]:
    """With what is needed, images (in clips) alone or seeds alone, as columns."""
    needed = comparison["needed"] or {"images": None, "num_trainings": None}
    images = needed["images"] or {"num_images": None, "num_clips": None}
    rest = {name: value for name, value in comparison.items() if name not in ("needed", "size", "measure")}
    return rest | {
        "measure": read_measure(comparison.get("measure")).name,
        "needed_images": images["num_images"],
        "needed_clips": images["num_clips"],
        "needed_seeds": needed["num_trainings"],
    }

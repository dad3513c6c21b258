"""Step: what a sweep over noises needs to know of one of its points."""

import json
from pathlib import Path
from typing import Any

from tasks.building.steps import step
from tasks.cycle_segmentation.table_rows import TrainedArms, table_rows
from tasks.segmentation.notes import leak_notes, say_sequences
from tasks.sweeping.scored_summary import read_scored

_FIGURES = {
    "psnr_db": "psnr_db",
    "snr_db": "snr_db",
    "saturated_share": "saturated",
    "probe_drop_db": "watermark_db",
}


@step("sweep-point", libraries=("numpy",))
def summarise_cycles(
    out: Path, config: TrainedArms, trained: list[Path], evaluation: Path, cycles: Path, leaks: Path
) -> None:
    """`point.json`: scores, what was counted, courses on R_val, and the rows of the paper's table."""
    content = read_scored(evaluation, trained, num_seeds=len(config.seeds))
    found = _read(cycles / "figures.json")
    said = say_sequences(content["evaluation"]["num_clips"])
    content |= {
        "figures": _figures(config, found),
        "noise_rows": table_rows(config, content["evaluation"], found),
        "notes": [*([said] if said else []), *leak_notes(_read(leaks / "leaks.json"))],
    }
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")


def _figures(config: TrainedArms, found: dict[str, Any]) -> dict[str, float]:
    """Of every arm with a cycle, by its name where there are several."""
    figures: dict[str, float] = {}
    for arm in config.noises:
        before = f"{arm}_" if len(config.noises) > 1 else ""
        figures |= {
            before + name: found[arm][key]["mean"] for key, name in _FIGURES.items() if key in found[arm]
        }
    return figures


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

"""Step: what a sweep over noises needs to know of one of its points."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.cycle_segmentation.config import NoiseConfig
from tasks.building.steps import step
from tasks.cycle_segmentation.paper_figures import paper_row
from tasks.segmentation.notes import leak_notes
from tasks.sweeping.scored_summary import read_scored

_FIGURES = {"psnr_db": "psnr_db", "snr_db": "snr_db", "saturated_share": "saturated", "probe_drop_db": "watermark_db"}


class CycleSummaryConfig(BaseModel):
    """Arms and seeds of the trainings, which come arm by arm, seed by seed; and the noise of arms with a cycle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    noises: dict[str, NoiseConfig]
    matched: dict[str, NoiseConfig] = {}  # of arms whose noise is as strong as this one was


@step("sweep-point", libraries=("numpy",))
def summarise_cycles(
    out: Path, config: CycleSummaryConfig, segmenters: list[Path], evaluation: Path, cycles: Path, leaks: Path
) -> None:
    """`point.json`: scores, what was counted, curves on R_val, and the figures of cycles beside the paper's."""
    content = read_scored(evaluation, segmenters, num_seeds=len(config.seeds))
    content |= {
        "figures": _figures(config, _read(cycles / "figures.json")),
        "notes": leak_notes(_read(leaks / "leaks.json")),
    }
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")


def _figures(config: CycleSummaryConfig, found: dict[str, Any]) -> dict[str, float]:
    """Of every arm with a cycle, by its name where there are several."""
    figures: dict[str, float] = {}
    for arm, noise in config.noises.items():
        before = f"{arm}_" if len(config.noises) > 1 else ""
        figures |= {
            before + name: found[arm][key]["mean"] for key, name in _FIGURES.items() if key in found[arm]
        }
        row = paper_row(noise, matched=config.matched.get(arm))
        if row is not None:
            figures[f"{before}paper_miou_percent"] = row.mean_iou_percent
            figures[f"{before}paper_psnr_db"] = row.psnr_db or np.nan
    return figures


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

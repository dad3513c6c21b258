"""Step: what a run's report shows beside timings: the paper's table with ours, classes, curves and pictures."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from models.cycle_segmentation.config import NoiseConfig
from tasks.building.steps import step
from tasks.cycle_segmentation import pictures, plots
from tasks.cycle_segmentation.paper_figures import PLAIN, PaperRow, paper_row
from tasks.formats.label_maps import read_label_maps
from tasks.report.plots import first_loss, validation_scores
from tasks.scoring.records import main_measure


class CycleReportConfig(BaseModel):
    """What the report is told about the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]
    seeds: tuple[int, ...]  # of every arm; trainings and outputs come arm by arm, seed by seed
    noises: dict[str, NoiseConfig]  # of the arms with a cycle
    matched: dict[str, NoiseConfig] = {}  # of arms whose noise is as strong as this one was
    is_stand_in: bool


@dataclass(frozen=True, kw_only=True)
class CycleReportParts:
    """The folders of what the run made."""

    train: list[Path]  # images with label maps, then those of which one of both is not used
    segmenters: list[Path]
    outputs: list[Path]
    evaluation: Path
    cycles: Path
    leaks: Path
    test: Path


@step("cycle-report", libraries=("plotly", "numpy", "opencv-python-headless"))
def write_cycle_report(out: Path, config: CycleReportConfig, **folders: Any) -> None:
    """`content.json`: everything that the page shows but timings. `folders` are those of `CycleReportParts`."""
    parts = CycleReportParts(**folders)
    evaluation, figures = _read(parts.evaluation / "evaluation.json"), _read(parts.cycles / "figures.json")
    histories = _by_arm(config, [_read(folder / "history.json") for folder in parts.segmenters])
    rows = table_rows(config, evaluation, figures)
    test = read_label_maps(parts.test)
    firsts = {arm: folders[0] for arm, folders in _by_arm(config, parts.outputs).items()}
    content = {
        "config": config.model_dump(mode="json"),
        "evaluation": evaluation,
        "reconstruction": _read(parts.cycles / "reconstruction.json"),
        "rows": rows,
        "leaks": _read(parts.leaks / "leaks.json"),
        "confusion": _read(parts.evaluation / "confusion.json"),
        "sizes": [len(read_label_maps(folder).records) for folder in parts.train],
        "plots": {
            "classes": plots.class_bars(evaluation),
            "noise": plots.scores_over_noise(rows),
            "validation": validation_scores(histories, main_measure(evaluation)),
            "losses": first_loss(histories),
        },
        "colors": pictures.class_colors(test),
        "panels": [_plain(row) for row in pictures.segmentation_rows(firsts, test)],
        "cycles": {
            arm: [_plain(row) for row in pictures.cycle_rows(firsts[arm], test)] for arm in config.noises
        },
    }
    (out / "content.json").write_text(json.dumps(content), encoding="utf-8")


def table_rows(
    config: CycleReportConfig, evaluation: dict[str, Any], figures: dict[str, Any]
) -> list[dict[str, Any]]:
    """Of each arm what Table 2 of the paper has, ours beside the paper's, and what the watermark probe says."""
    rows = []
    for score in evaluation["scores"]:
        arm = score["arm"]
        noise, found = config.noises.get(arm), figures[arm]
        paper = _paper(config, arm)
        rows.append(
            {
                "arm": arm,
                "noise": describe_noise(noise) if noise else "no cycle",
                "mean_iou": score["mean_iou"],
                "interval": score["interval"],
                "mean_iou_with_void": found["mean_iou_with_void"]["mean"],
                **{
                    name: found[name]["mean"] if name in found else None
                    for name in ("psnr_db", "snr_db", "saturated_share", "probe_drop_db")
                },
                "paper": asdict(paper) if paper else None,
            }
        )
    return rows


def describe_noise(noise: NoiseConfig) -> str:
    """In words, as tables have it."""
    if noise.kind == "quantization":
        return f"quantisation, {noise.bits} bit"
    if noise.kind == "gaussian":
        return f"Gaussian, {noise.snr_db:g} dB"
    return {"none": "none", "max_only": "maximum only"}[noise.kind]


def _paper(config: CycleReportConfig, arm: str) -> PaperRow | None:
    if arm in config.noises:
        return paper_row(config.noises[arm], matched=config.matched.get(arm))
    return PLAIN if arm == config.arms[0] else None


def _plain(row: list[Any]) -> list[dict[str, Any]]:
    return [asdict(item) for item in row]


def _by_arm(config: CycleReportConfig, items: list[Any]) -> dict[str, list[Any]]:
    count = len(config.seeds)
    return {arm: items[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

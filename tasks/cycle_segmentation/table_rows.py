"""The rows of Table 2 of the paper, ours beside the paper's, for a run's report and a sweep alike."""

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict

from models.cycle_segmentation.config import NoiseConfig
from tasks.cycle_segmentation.paper_figures import PLAIN, PaperRow, paper_row

_FIGURES = ("psnr_db", "snr_db", "saturated_share", "probe_drop_db")


class TrainedArms(BaseModel):
    """What was trained: arms and their seeds; trainings and outputs come arm by arm, seed by seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]  # plain training first
    seeds: tuple[int, ...]
    noises: dict[str, NoiseConfig]  # of the arms with a cycle
    matched: dict[str, NoiseConfig] = {}  # of arms whose noise is as strong as this one was


def table_rows(
    config: TrainedArms, evaluation: dict[str, Any], figures: dict[str, Any]
) -> list[dict[str, Any]]:
    """Of each arm what Table 2 of the paper has, ours beside the paper's, and what the watermark probe says."""
    return [_row(config, score, figures[score["arm"]]) for score in evaluation["scores"]]


def _row(config: TrainedArms, score: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    arm = score["arm"]
    noise, paper = config.noises.get(arm), _paper(config, arm)
    return {
        "arm": arm,
        "noise": describe_noise(noise) if noise else "no cycle",
        "mean_iou": score["mean_iou"],
        "interval": score["interval"],
        "mean_iou_with_void": found["mean_iou_with_void"]["mean"],
        **{name: found[name]["mean"] if name in found else None for name in _FIGURES},
        "paper": asdict(paper) if paper else None,
    }


def describe_noise(noise: NoiseConfig) -> str:
    """In words, as tables have it."""
    if noise.kind == "quantization":
        return f"quantisation, {noise.bits} bit"
    if noise.kind == "gaussian":
        return f"Gaussian, {noise.snr_db:g} dB"
    return {"none": "none", "max_only": "maximum only"}[noise.kind]


def _paper(config: TrainedArms, arm: str) -> PaperRow | None:
    if arm in config.noises:
        return paper_row(config.noises[arm], matched=config.matched.get(arm))
    return PLAIN if arm == config.arms[0] else None

"""Step: what a run's report shows beside timings: the paper's table with ours, classes, curves and pictures."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasks.building.steps import step
from tasks.cycle_segmentation import pictures
from tasks.cycle_segmentation.table_rows import TrainedArms, table_rows
from tasks.formats.label_maps import read_label_maps
from tasks.report.noise_plots import class_bars, over_noise
from tasks.report.plots import first_loss, validation_scores
from tasks.scoring.records import main_measure


class CycleReportConfig(TrainedArms):
    """What the report is told about the run."""

    is_stand_in: bool


@dataclass(frozen=True, kw_only=True)
class CycleReportParts:
    """The folders of what the run made."""

    train: list[Path]  # images with label maps, then those of which one of both is not used
    trained: list[Path]
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
    histories = _by_arm(config, [_read(folder / "history.json") for folder in parts.trained])
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
            "classes": class_bars(evaluation["classes"], {arm: arm for arm in config.arms}),
            "noise": [over_noise(rows, "mean_iou"), over_noise(rows, "psnr_db")],
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


def _plain(row: list[Any]) -> list[dict[str, Any]]:
    return [asdict(item) for item in row]


def _by_arm(config: CycleReportConfig, items: list[Any]) -> dict[str, list[Any]]:
    count = len(config.seeds)
    return {arm: items[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

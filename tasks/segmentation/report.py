"""Step: what a run's report shows of its segmenters beside timings: panels, classes, confusions and curves."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.class_tables.table import IGNORED, color_lookup
from tasks.formats.label_maps import LabelMapSet, read_label_maps
from tasks.report import plots
from tasks.report.panels import Picture, picture
from tasks.scoring.records import main_measure

_PANELS, _WORST = 4, 3
_WRONG, _RIGHT, _UNKNOWN = (214, 62, 62), (232, 238, 232), (40, 40, 40)


class SegmentReportConfig(BaseModel):
    """What the report is told about the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]
    seeds: tuple[int, ...]  # of every arm; segmenters and segmentations come arm by arm, seed by seed
    is_stand_in: bool


@dataclass(frozen=True, kw_only=True)
class SegmentReportParts:
    """The folders of what the run made."""

    train: list[Path]  # of each arm
    segmenters: list[Path]
    segmentations: list[Path]
    evaluation: Path
    leaks: Path
    test: Path


@step("segment-report", libraries=("plotly", "numpy", "opencv-python-headless"))
def write_segment_report(out: Path, config: SegmentReportConfig, **folders: Any) -> None:
    """`content.json`: everything that the page shows but timings. `folders` are those of `SegmentReportParts`."""
    parts = SegmentReportParts(**folders)
    evaluation, test = _read(parts.evaluation / "evaluation.json"), read_label_maps(parts.test)
    histories = _by_arm(config, [_read(folder / "history.json") for folder in parts.segmenters])
    content = {
        "config": config.model_dump(mode="json"),
        "evaluation": evaluation,
        "leaks": _read(parts.leaks / "leaks.json"),
        "confusion": _read(parts.evaluation / "confusion.json"),
        "sizes": {
            arm: len(read_label_maps(folder).records)
            for arm, folder in zip(config.arms, parts.train, strict=True)
        },
        "colors": _colors(test),
        "plots": {
            "scores": plots.scores_by_arm(evaluation),
            "validation": plots.validation_scores(histories, main_measure(evaluation)),
            "losses": plots.first_loss(histories),
        },
        "panels": _panels(config, parts, test, _chosen(parts, test)),
        "worst": _panels(config, parts, test, _worst(parts)),
    }
    (out / "content.json").write_text(json.dumps(content), encoding="utf-8")


def _chosen(parts: SegmentReportParts, test: LabelMapSet) -> list[int]:
    """Images evenly over the test."""
    return np.unique(np.linspace(0, len(test.records) - 1, _PANELS).astype(int)).tolist()


def _worst(parts: SegmentReportParts) -> list[int]:
    """Images in which the arms' pixels are wrong most often."""
    arms = _read(parts.evaluation / "statistics.json")["arms"].values()
    sums = np.sum([np.array(found).sum(axis=0) for found in arms], axis=0)
    num_classes = sums.shape[1] // 3
    right, known = sums[:, :num_classes].sum(axis=1), sums[:, num_classes : 2 * num_classes].sum(axis=1)
    return np.argsort(right / np.maximum(known, 1), kind="stable")[:_WORST].tolist()


def _panels(
    config: SegmentReportConfig, parts: SegmentReportParts, test: LabelMapSet, indices: list[int]
) -> list[list[dict[str, Any]]]:
    """Rows of image, truth, and for each arm what its first segmenter says and where that is wrong."""
    firsts = [folders[0] for folders in _by_arm(config, parts.segmentations).values()]
    found = [np.load(folder / "labels.npy", mmap_mode="r") for folder in firsts]
    return [
        [asdict(item) for item in _row(config, test, index, [labels[index] for labels in found])]
        for index in indices
    ]


def _row(
    config: SegmentReportConfig, test: LabelMapSet, index: int, found: list[np.ndarray]
) -> list[Picture]:
    assert test.labels is not None and test.table is not None
    colors, truth = color_lookup(test.table), np.asarray(test.labels[index])
    row = [picture(np.asarray(test.images[index]), test.records[index].name), picture(colors[truth], "truth")]
    for arm, labels in zip(config.arms, found, strict=True):
        share = float((labels == truth)[truth != IGNORED].mean()) if (truth != IGNORED).any() else 0.0
        row.append(picture(colors[labels], f"{arm}: {share:.0%} of pixels right"))
        row.append(picture(error_map(truth, labels), f"{arm}: wrong in red"))
    return row


def error_map(truth: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3]: pixels that are wrong, right, or not annotated."""
    shown = np.where((labels == truth)[..., None], _RIGHT, _WRONG)
    return np.where((truth == IGNORED)[..., None], _UNKNOWN, shown).astype(np.uint8)


def _colors(test: LabelMapSet) -> dict[str, str]:
    assert test.table is not None
    colors = color_lookup(test.table)
    return {
        name: "#{:02x}{:02x}{:02x}".format(*colors[index])
        for index, name in enumerate(test.table.class_names())
    }


def _by_arm(config: SegmentReportConfig, items: list[Any]) -> dict[str, list[Any]]:
    count = len(config.seeds)
    return {arm: items[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

"""The section of noises, of segmentations that nobody trained."""

from tasks.sweeping.points import NOTHING_FOUND, Point, PointConfig
from tasks.sweeping.sections.kinds import describe_sections
from tests.tasks.scoring.made_up_segmentation import count_segmentation, evaluate_segmentation

RATIOS = {"none": None, "max_only": 0.2, "quantization_2_bit": 7.0}
PAPER = {"snr_db": 7.38, "mean_iou_percent": 45.1, "psnr_db": 25.3}


def point(noise, share):
    """Plain training is the same at every point, and right in half of all pixels."""
    counted = count_segmentation({"erfnet": 0.5, "cycle": share})
    evaluation = evaluate_segmentation(counted, pairs=(("cycle", "erfnet"),))
    evaluation["classes"] = [
        {"name": "road", "iou": {"erfnet": 0.5, "cycle": share}},
        {"name": "sky", "iou": {"erfnet": 0.1, "cycle": None}},
    ]
    summary = NOTHING_FOUND | {
        "steps": 10,
        "figures": {},
        "notes": [],
        "evaluation": evaluation,
        "statistics": counted.record(),
        "noise_rows": [row(evaluation, "erfnet", None), row(evaluation, "cycle", noise)],
    }
    values = {"arms.cycle": noise}
    return Point(PointConfig(values=values, sections={"noises": values}), summary)


def row(evaluation, arm, noise):
    score = next(score for score in evaluation["scores"] if score["arm"] == arm)
    return {
        "arm": arm,
        "noise": noise or "no cycle",
        "mean_iou": score["mean_iou"],
        "interval": score["interval"],
        "mean_iou_with_void": 0.4,
        "psnr_db": None if noise is None else 20.0,
        "snr_db": None if noise is None else RATIOS[noise],
        "saturated_share": None,
        "probe_drop_db": None,
        "paper": PAPER if noise == "quantization_2_bit" else None,
    }


def describe(*points):
    (section,) = describe_sections(points, {"noises": ""})
    return section


def test_plain_training_comes_once_and_each_noise_by_its_name_with_the_paper_beside():
    section = describe(point("none", 0.5), point("max_only", 0.7), point("quantization_2_bit", 0.9))
    _, table, _ = section.tables
    assert [row[0] for row in table.rows] == [
        "erfnet",
        "cycle none",
        "cycle max_only",
        "cycle quantization_2_bit",
    ]
    assert table.rows[3][-3:] == ("7.38", "45.1", "25.30") and table.rows[1][-3:] == ("–", "–", "–")


def test_noises_are_compared_with_none_and_with_plain_training():
    section = describe(point("none", 0.5), point("max_only", 0.7), point("quantization_2_bit", 0.9))
    between, _, against = section.tables
    assert [row[0] for row in between.rows] == [
        "cycle max_only against cycle none",
        "cycle quantization_2_bit against cycle none",
    ]
    assert [(row[0], row[-1]) for row in against.rows] == [
        ("cycle none against erfnet", "cannot tell"),
        ("cycle max_only against erfnet", "helps"),
        ("cycle quantization_2_bit against erfnet", "helps"),
    ]
    assert any("R_val prefers cycle quantization_2_bit. cycle beats erfnet" in said for said in section.lead)


def test_scores_are_drawn_over_ratios_and_classes_by_noise():
    section = describe(point("none", 0.5), point("max_only", 0.7), point("quantization_2_bit", 0.9))
    *over_noise, classes = section.plots
    assert [plot.title.partition(" ")[0] for plot in over_noise] == ["mIoU", "PSNR"]
    assert all("of the paper" in plot.html and "max_only" in plot.html for plot in over_noise)
    assert all(f'"name":"{name}"' in classes.html for name in ("erfnet", "cycle none", "cycle max_only"))
    assert classes.html.count('"name":"erfnet"') == 1

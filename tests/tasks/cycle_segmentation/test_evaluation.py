import json

import numpy as np
import pytest

from tasks.cycle_segmentation.evaluation import CycleArmsConfig, evaluate_cycles
from tests.tasks.segmentation.test_evaluation import TRUTH, write_set

KNOWN = np.where(TRUTH == 255, 0, TRUTH).astype(np.uint8)


def write_outputs(folder, labels_with_void, **figures):
    """As an arm with a cycle and no noise where figures are given, but those."""
    folder.mkdir()
    if figures:
        figures = {"snr_db": [None] * 3, "saturated_share": [0.5] * 3} | figures
    np.save(folder / "labels_with_void.npy", labels_with_void.astype(np.uint8))
    (folder / "figures.json").write_text(json.dumps(figures))
    return folder


@pytest.fixture
def scored(tmp_path):
    images = write_set(tmp_path / "test")
    outputs = [
        write_outputs(tmp_path / "erfnet", KNOWN),
        write_outputs(tmp_path / "none", TRUTH, psnr_db=[20, 22, 24], probe_drop_db=[4, 4, 1]),
        write_outputs(
            tmp_path / "noisy", TRUTH, psnr_db=[19, 20, 24], snr_db=[7, 8, 9], probe_drop_db=[1, 0, 0]
        ),
    ]
    config = CycleArmsConfig(
        arms=("erfnet", "none", "noisy"), seeds=(0,), cycles=("none", "noisy"), pairs=(("noisy", "none"),)
    )
    evaluate_cycles.build(tmp_path, config=config, outputs=outputs, images=images)
    return {
        name: json.loads((tmp_path / f"{name}.json").read_text()) for name in ("figures", "reconstruction")
    }


def test_void_is_a_class_of_its_own_beside_the_others(scored):
    """Of 12 pixels 5 are road, 6 car, 1 void: taken for road, it costs road 5/6, and void has none of it."""
    figures = scored["figures"]
    assert figures["none"]["mean_iou_with_void"]["mean"] == 1
    assert figures["erfnet"]["mean_iou_with_void"]["mean"] == pytest.approx((5 / 6 + 1 + 0) / 3)


def test_figures_are_means_over_images_and_missing_where_there_is_none(scored):
    figures = scored["figures"]
    assert figures["noisy"]["snr_db"] == {"mean": 8, "seeds": [8]}
    assert figures["none"]["probe_drop_db"]["mean"] == 3
    assert "snr_db" not in figures["none"] and "psnr_db" not in figures["erfnet"]


def test_reconstructions_are_compared_by_psnr(scored):
    (comparison,) = scored["reconstruction"]["comparisons"]
    assert comparison["difference"] == pytest.approx(-1)
    assert [score["psnr"] for score in scored["reconstruction"]["scores"]] == pytest.approx([22, 21])


def test_without_a_cycle_there_is_nothing_to_reconstruct(tmp_path):
    images = write_set(tmp_path / "test")
    outputs = [write_outputs(tmp_path / "erfnet", KNOWN)]
    config = CycleArmsConfig(arms=("erfnet",), seeds=(0,), cycles=(), pairs=())
    evaluate_cycles.build(tmp_path, config=config, outputs=outputs, images=images)
    assert json.loads((tmp_path / "reconstruction.json").read_text()) is None

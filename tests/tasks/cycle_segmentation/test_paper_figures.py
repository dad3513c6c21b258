from models.cycle_segmentation.config import NoiseConfig
from tasks.cycle_segmentation.paper_figures import PLAIN, paper_row


def test_each_kind_of_noise_has_the_row_of_table_2():
    two_bits = paper_row(NoiseConfig(kind="quantization", bits=2))
    assert (two_bits.snr_db, two_bits.mean_iou_percent, two_bits.psnr_db) == (7.38, 45.1, 25.30)
    assert paper_row(NoiseConfig(kind="gaussian", snr_db=-20)).psnr_db == 18.74
    assert paper_row(NoiseConfig()).mean_iou_percent == 39.4
    assert (PLAIN.mean_iou_percent, PLAIN.psnr_db) == (40.2, None)


def test_noise_that_the_paper_did_not_try_has_none():
    assert paper_row(NoiseConfig(kind="quantization", bits=5)) is None
    assert paper_row(NoiseConfig(kind="gaussian", snr_db=3)) is None


def test_matched_gaussian_noise_has_the_row_of_its_quantiser_s_ratio_whatever_ours_was():
    ours = NoiseConfig(kind="gaussian", snr_db=3.1)
    assert paper_row(ours, matched=NoiseConfig(kind="quantization", bits=3)).mean_iou_percent == 41.5

from tasks.cycle_segmentation.page import main_table

ROW = {
    "arm": "q",
    "noise": "quantisation, 2 bit",
    "mean_iou": 0.4321,
    "interval": (0.4, 0.46),
    "mean_iou_with_void": 0.41,
    "psnr_db": 20.126,
    "snr_db": 7.0,
    "saturated_share": 0.25,
    "probe_drop_db": 0.1,
    "paper": {"snr_db": 7.38, "mean_iou_percent": 45.1, "psnr_db": 25.3},
}


def test_ours_and_the_paper_s_figures_stand_side_by_side():
    (row,) = main_table([ROW]).rows
    assert row == (
        *("q", "quantisation, 2 bit", "7.00", "0.432", "0.400 – 0.460", "0.410", "20.13"),
        *("0.10", "25%", "7.38", "45.1", "25.30"),
    )


def test_what_an_arm_has_not_is_a_dash():
    names = ("interval", "psnr_db", "snr_db", "saturated_share", "probe_drop_db", "paper")
    (row,) = main_table([ROW | dict.fromkeys(names)]).rows
    assert row.count("–") == 8

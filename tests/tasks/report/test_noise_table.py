from tasks.report.noise_table import noise_table

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
    (row,) = noise_table([ROW]).rows
    assert row == (
        *("q", "quantisation, 2 bit", "7.00", "0.432", "0.400 – 0.460", "0.410", "20.13"),
        *("0.10", "25%", "7.38", "45.1", "25.30"),
    )


def test_what_an_arm_has_not_is_a_dash():
    names = ("interval", "psnr_db", "snr_db", "saturated_share", "probe_drop_db", "paper")
    _, row = noise_table([ROW, ROW | dict.fromkeys(names)]).rows
    assert row == ("q", "quantisation, 2 bit", "–", "0.432", "–", "0.410", *"––––––")


def test_a_column_that_no_arm_fills_is_left_out():
    table = noise_table([ROW | {"paper": None, "snr_db": None}])
    assert table.header[2:] == (*("mIoU", "95 % interval", "with void", "PSNR", "Watermark", "Saturated"),)
    assert [table.rows[0][index] for index in table.strong] == ["0.432"]

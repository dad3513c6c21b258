from tasks.soiling.page import confinement_table, network_table


def test_shares_of_changed_pixels_are_per_cent_and_a_dash_where_there_are_none():
    shares = {"clear_share": 0.5, "changed_clear_share": 0.125, "changed_unmasked_share": None}
    assert confinement_table({"baseline": shares}).rows == (("baseline", "50.00", "12.50", "–"),)


def test_every_figure_of_every_network_has_a_row():
    table = network_table(
        {"mask_vae": {"iou": 0.91234, "soft_iou": 0.8}, "super_resolution": {"psnr_db": 30.0}}
    )
    assert table.rows == (
        ("mask vae", "iou", "0.912"),
        ("mask vae", "soft iou", "0.800"),
        ("super resolution", "psnr db", "30.000"),
    )

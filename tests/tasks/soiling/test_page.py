from tasks.soiling.page import confinement_table, finding_table, network_table, realism_table


def test_shares_of_changed_pixels_are_per_cent_and_a_dash_where_there_are_none():
    shares = {"clear_share": 0.5, "changed_clear_share": 0.125, "changed_unmasked_share": None}
    assert confinement_table({"baseline": shares}).rows == (("baseline", "50.00", "12.50", "–"),)


def test_every_figure_of_every_network_has_a_row():
    table = network_table(
        {"mask_vae": {"iou": 0.91234, "soft_iou": 0.8}, "super_resolution": {"psnr_db": 30.0}}
    )
    assert table.rows == (
        ("VAE of masks", "IoU of masks given back", "0.912"),
        ("VAE of masks", "the same of unthresholded masks", "0.800"),
        ("super-resolution", "PSNR [dB]", "30.000"),
    )


def test_distances_of_random_features_are_not_called_fid():
    figures = {"frechet": 12.345, "kernel": 0.5, "kernel_std": 0.25}
    told = {"crops": 24, "extractor": "vgg16 pool2, random weights (seed 0)", "sets": {"baseline": figures}}
    table = realism_table(told)
    assert table.rows == (("baseline", "12.35", "0.5 ± 0.25"),)
    assert "this is not FID" in table.caption and "So few crops" in table.caption
    trained = realism_table(told | {"crops": 100, "extractor": "inception_v3 mixed 7c, ImageNet"})
    assert "not FID" not in trained.caption and "So few crops" not in trained.caption


def test_what_is_found_of_each_set_has_a_row_and_a_dash_where_nothing_was_found():
    found = {"real test": {"iou": 0.5, "recall": 0.75, "precision": None}}
    assert finding_table(found).rows == (("real test", "0.500", "0.750", "–"),)

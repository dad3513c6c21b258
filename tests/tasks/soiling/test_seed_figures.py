from tasks.soiling.seed_figures import accuracy_table, degradation_table


def score(arm, **values):
    return {"arm": arm, "interval": (0.4, 0.6), **values}


def test_the_seed_s_accuracies_stand_beside_ours():
    arms = ("real", "augmented", "baseline", "dirty_gan", "other")
    table = accuracy_table({"scores": [score(arm, pixel_accuracy=0.5, mean_iou=0.25) for arm in arms]})
    assert [row[2] for row in table.rows] == ["73.95", "78.20", "–", "91.71", "–"]
    assert table.rows[0][1::2] == ("50.00", "0.250 [0.400, 0.600]")


def test_segmenters_of_scenes_stand_beside_the_seed_s_by_training_and_test():
    scores = {"scores": [score("clean", mean_iou=0.5), score("soiled", mean_iou=0.45)]}
    table = degradation_table({"clean": scores, "soiled": scores})
    assert [row[:2] + row[3:] for row in table.rows] == [
        ("clean", "clean", "56.6"),
        ("soiled", "clean", "52.6"),
        ("clean", "soiled", "34.8"),
        ("soiled", "soiled", "–"),
    ]
    assert table.rows[1][2] == "45.0 [40.0, 60.0]"

from tasks.report.refiner_section import refiner_section

FIGURES = {
    "frechet_unrefined": 812.25,
    "frechet": 401.5,
    "kid_unrefined": 0.5,
    "kid": -0.0125,
    "kid_std": 0.004,
    "kid_std_unrefined": 0.125,
    "checkerboard_unrefined": 0.83,
    "checkerboard": 2.89,
    "checkerboard_real": 0.81,
    "change_grey_levels": 6.24,
    "change_inside_grey_levels": 9.0,
    "change_outside_grey_levels": 4.0,
    "diversity_ratio": 0.91,
    "head_displacement_mean_px": 0.31,
    "head_displacement_p95_px": 1.2,
    "head_displacement_share_over_1px": 0.07,
    "num_heads": 187,
}


def section(figures: dict, extractor: str = "vgg16 pool5, ImageNet", num_compared: int = 63) -> dict:
    measures = {
        "figures": figures,
        "warnings": ["Dots."],
        "extractor": extractor,
        "num_compared": num_compared,
    }
    return refiner_section(measures, {"explained": {}}, [], seam=0.125)


def test_the_table_has_each_measure_of_every_set_to_the_real_and_to_the_rendered_crops():
    halves = {"frechet_synthetic_halves": 90.0, "frechet_real_halves": 120.0, "kid_real_halves": 0.25}
    refined = {"frechet_to_synthetic": 55.5, "kid_to_synthetic": 0.75, "kid_std_to_synthetic": 0.5}
    rows = [row["values"] for row in section(FIGURES | halves | refined)["rows"]]
    assert rows == [
        ["812.2", "401.5", "120"],
        ["90", "55.5", "812.2"],
        ["0.5 (± 0.12)", "-0.0125 (± 0.004)", "0.25"],
        ["", "0.75 (± 0.5)", "0.5 (± 0.12)"],
        ["0.83", "2.89", "0.81"],
    ]


def test_each_layer_has_a_plot_with_a_dot_a_crop_and_the_middle_of_each_set():
    components = {
        "pool2": {"cS": [[1.0, 2.0], [3.0, 5.0]], "cR_train": [[0.5, 0.25]]},
        "explained": {"pool2": [0.425, 0.125]},
    }
    measures = {"figures": FIGURES, "warnings": [], "extractor": "vgg16 pool5, ImageNet", "num_compared": 2}
    (page,) = refiner_section(measures, components, [], seam=0.0)["components"].values()
    assert '"x":[1.0,3.0],"y":[2.0,5.0]' in page and '"x":[0.5],"y":[0.25]' in page
    assert '"x":[2.0],"y":[3.5]' in page and "centre of cS" in page
    assert "pool2: first component, 42 % of the variance" in page and "12 % of the variance" in page


def test_number_and_extractor_are_named_and_nothing_is_called_fid():
    caption = section(FIGURES)["caption"]
    assert "63 crops" in caption and "two halves of it, 31 crops each" in caption
    assert "vgg16 pool5, ImageNet" in caption and "not FID" in caption
    assert "random weights see" not in caption and "So few crops" not in caption
    assert "So few crops say little" in section(FIGURES, num_compared=12)["caption"]
    random = section(FIGURES, extractor="squeezenet1_1 fire9, random weights (seed 0)")["caption"]
    assert "Features of random weights see colours and textures, not contents." in random


def test_changes_and_heads_are_told_in_sentences():
    sentences = section(FIGURES)["sentences"]
    assert sentences[0] == (
        "The refiner changes 6.2 grey levels on average, 9.0 inside the person's outline, 4.0 outside."
    )
    assert "0.91 times as much" in sentences[1]
    assert (
        "0.31 px on average" in sentences[2]
        and "7 % moved by more than 1 px (heads registered: 187" in sentences[2]
    )
    assert "0.12 grey levels per pixel" in sentences[3]
    assert section(FIGURES)["warnings"] == ["Dots."]


def test_crops_that_are_as_near_as_chance_are_said_to_leave_nothing_to_see():
    (first, *_) = section(FIGURES | {"kid_unrefined": 0.2})["sentences"]
    assert "cannot be told from the real ones" in first


def test_what_was_not_measured_is_not_told():
    few = section({"change_grey_levels": 2.0, "checkerboard": 1.0, "checkerboard_unrefined": 1.0})
    assert [row["name"].split()[0] for row in few["rows"]] == ["Dots"]
    assert few["sentences"] == [
        "The refiner changes 2.0 grey levels on average.",
        "The seam at the borders of reinserted crops is 0.12 grey levels per pixel.",
    ]


def test_what_was_wrong_while_it_trained_is_told_with_its_step():
    observations = [
        {"step": 100, "warnings": ["It returns its input.", "Dots."]},
        {"step": 200, "warnings": []},
        {"step": 300, "warnings": ["Dots."]},
    ]
    measures = {"figures": FIGURES, "warnings": [], "extractor": "vgg16 pool5, ImageNet", "num_compared": 2}
    assert refiner_section(measures, {"explained": {}}, observations, seam=0.0)["course_warnings"] == [
        "At step 100: It returns its input.",
        "At step 100: Dots.",
        "At step 300: Dots.",
    ]

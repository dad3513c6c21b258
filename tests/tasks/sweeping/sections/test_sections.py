import numpy as np
import pytest

from tasks.sweeping.sections.kinds import describe_sections
from tests.tasks.sweeping.made_up_points import failed_point, make_point

BASE = {"S": [0.4, 0.42, 0.41], "R_train": [0.5, 0.52, 0.51]}
REFINED = {"S+": [0.45, 0.46, 0.44], "R_train + S+": [0.8, 0.81, 0.79]}
SEED = "training.refiner_seed"


def describe(name, *points, title=""):
    (section,) = describe_sections(points, {name: title})
    return section


def refiner_point(name, has_skip, *, frechet=150.0, **recalls):
    figures = {"frechet": frechet, "frechet_to_synthetic": frechet / 2}
    return make_point(
        "refiners", {"refiner": name}, BASE | REFINED | recalls, figures=figures, has_skip=has_skip
    )


def test_the_refiners_section_has_the_tables_and_figures_of_the_thesis():
    points = [
        refiner_point(f"r{n}", n % 2 == 0, frechet=150.0 - 5 * n, **{"S+": [0.3 + 0.05 * n] * 3})
        for n in range(6)
    ]
    section = describe("refiners", *points)
    distances, scores, skips = section.tables
    assert [row[0] for row in distances.rows] == ["cR_train", "cS", *(f"cS+ of r{n}" for n in range(6))]
    assert distances.rows[0][1:] == ("170", "7", "0.17", "0.001")
    assert distances.rows[1][1:] == ("5", "170", "-0.001", "0.17")
    assert distances.rows[3][1:] == ("72.5", "145", "0.07", "0.15 ± 0.01")
    assert "40 crops" in distances.caption and "vgg16 with made-up weights" in distances.caption
    assert [row[:2] for row in scores.rows[:4]] == [
        ("S", ""),
        ("R_train", ""),
        ("S+", "r0"),
        ("R_train + S+", "r0"),
    ]
    assert len(scores.rows) == 2 + 2 * 6
    # the distances of r0, r2, r4 are 150, 140, 130, and those of the others 145, 135, 125
    assert [row[:3] for row in skips.rows[:2]] == [("with a skip", "3", "140"), ("without", "3", "135")]
    assert skips.rows[2][2].startswith("+5 [")
    titles = [plot.title.partition(":")[0] for plot in section.plots]
    assert titles == ["Figure 4.8", "Figure 4.9", "Figure 4.10", "Figure 4.11", "Figure 4.12"]
    # found shares rise as distances fall
    assert any(
        "cR_train correlate by -0.9" in sentence and "6 refiners are few" in sentence
        for sentence in section.lead
    )
    assert (
        section.lead[0].startswith("R_train + S+ against R_train: F1 +0.")
        and "14 comparisons" in section.lead[0]
    )
    assert section.lead[1].startswith("Of 6 refiners, S+ beside R_train helps with 0, hurts with 0")


def test_a_refiner_is_chosen_on_r_val_and_few_prove_no_correlation():
    worse = refiner_point("worse", True)
    worse.summary["evaluation"]["scores"][3]["val_f1"] = 0.1
    section = describe("refiners", worse, refiner_point("better", False, **{"S+": [0.6] * 3}))
    assert "The refiner, better, was chosen on R_val." in section.lead[0]
    assert any("2 refiners are too few for a correlation" in sentence for sentence in section.lead)
    assert any("fewer than 3 refiners a side give no interval" in sentence for sentence in section.lead)


def test_three_refiners_a_side_that_scatter_may_differ_by_chance():
    found = {True: (0.4, 0.5, 0.6), False: (0.3, 0.35, 0.45)}
    points = [
        refiner_point(f"{has_skip} {n}", has_skip, **{"R_train + S+": [recall] * 3})
        for has_skip, recalls in found.items()
        for n, recall in enumerate(recalls)
    ]
    # F1 2 r / (1 + r): means 0.663 and 0.534, errors of both 0.07, t of about 3.8 degrees 2.8
    (sentence,) = (text for text in describe("refiners", *points).lead if text.startswith("With a skip"))
    assert "F1 of R_train + S+ is +0.1" in sentence and sentence.endswith("on average, which may be chance.")


def test_a_section_whose_points_failed_says_so():
    error = "train refiner: a child ended\n  the loss is nan"
    section = describe(
        "refiners", refiner_point("good", True), failed_point("refiners", {"refiner": "bad"}, error)
    )
    assert section.notes == ("bad failed and is missing here: train refiner: the loss is nan",)
    assert [row[0] for row in section.tables[0].rows] == ["cR_train", "cS", "cS+ of good"]
    alone = describe("sizes", failed_point("sizes", {}, "refine: no"))
    assert alone.notes == ("This point failed and is missing here: refine: no",) and alone.tables == ()
    everything = [
        failed_point(name, {}, "it") for name in ("refiners", "style", "inversion", "reproduction", "other")
    ]
    names = {point.config.values["section"]: "" for point in everything}
    assert [section.name for section in describe_sections(everything, names)] == list(names)


def test_the_refiners_section_does_without_detectors():
    section = describe(
        "refiners", make_point("refiners", {"refiner": "a"}, {}), make_point("refiners", {"refiner": "b"}, {})
    )
    assert len(section.tables) == 1 and [plot.title[:11] for plot in section.plots] == ["Figure 4.10"]


def test_a_figure_of_one_of_several_refiners_says_of_which():
    def notes(*seeds):
        points = [
            make_point("refiners", {"refiner": "a", SEED: str(seed)}, BASE | REFINED, refiner_seed=seed)
            for seed in seeds
        ]
        return {plot.title[:11]: plot.note for plot in describe("refiners", *points).plots}

    for title in ("Figure 4.10", "Figure 4.11", "Figure 4.12"):
        assert notes(7, 8)[title].endswith("Shown: the refiner of seed 7, the first of 2.")
        assert "Shown" not in notes(7)[title]


def test_sizes_are_ordered_by_their_images_and_r_val_chooses():
    recalls = {"R_train": [0.5] * 3, "R_train + S+": [0.7] * 3, "R_train + S+:10": [0.8, 0.81, 0.79]}
    section = describe("sizes", make_point("sizes", {}, recalls))
    rows = section.tables[0].rows
    # 80 scenes and 20 real images
    assert [row[:3] for row in rows] == [
        ("R_train", "0", "0 x"),
        ("R_train + S+:10", "10", "0.5 x"),
        ("R_train + S+", "80", "4 x"),
    ]
    assert section.lead[0].startswith(
        "Of 2 sizes, R_val prefers 10 synthetic images. R_train + S+:10 beats R_train by"
    )


def test_random_textures_stand_last_and_are_compared_with_both():
    section = describe(
        "style", make_point("style", {}, {"S_style": [0.2, 0.22, 0.21], "S": [0.5] * 3, "S+": [0.8] * 3})
    )
    assert [row[0] for row in section.tables[0].rows] == ["S", "S+", "S_style"]
    assert section.lead[0].startswith("S+ beats S_style by 0.") and section.lead[1].startswith(
        "S_style is worse than S by 0."
    )


def test_the_gain_is_told_for_every_number_of_real_images():
    recalls = {
        "R_train": [0.8, 0.81, 0.79],
        "R_train + S+": [0.8, 0.79, 0.81],
        "R_train:5": [0.3, 0.31, 0.29],
        "R_train:5 + S+": [0.6, 0.61, 0.59],
    }
    section = describe("inversion", make_point("inversion", {}, recalls))
    rows = section.tables[0].rows
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("5", "R_train:5", "R_train:5 + S+"),
        ("20", "R_train", "R_train + S+"),
    ]
    # means of F1 = 2 r / (r + 1): near 0.75 - 0.46
    assert float(rows[0][7]) == pytest.approx(0.75 - 0.46, abs=0.04) and rows[0][-1] == "helps"
    assert section.lead[0].startswith("With 5 real images: R_train:5 + S+ beats R_train:5 by")
    assert "its refiner saw all crops of R_train" in section.notes[0]


def test_spread_is_split_between_refiners_and_detectors():
    points = [
        make_point(
            "reproduction",
            {SEED: str(n)},
            BASE | {"S+": [0.4 + 0.2 * n, 0.41 + 0.2 * n, 0.39 + 0.2 * n]},
            refiner_seed=n,
            seed=n,
        )
        for n in range(3)
    ]
    section = describe("reproduction", *points)
    (table,) = section.tables
    assert [row[0] for row in table.rows] == [
        "refiner seed 0",
        "refiner seed 1",
        "refiner seed 2",
        "all refiners",
    ]
    scores = np.array([[float(cell) for cell in row[1:4]] for row in table.rows[:3]])
    assert float(table.rows[3][-1]) == pytest.approx(np.ptp(scores.mean(axis=1)), abs=0.002)
    assert section.lead[0].startswith("Trained on S+: 3 refiners of different seeds gave mean F1 within 0.")
    assert "A refiner's seed moves F1 by a standard deviation of 0.1" in section.lead[0]


def test_one_seed_reproduces_nothing():
    section = describe("reproduction", make_point("reproduction", {SEED: "0"}, BASE | REFINED))
    assert section.lead == ("It takes the scores of two seeds of one refiner, which are not there.",)


def test_a_section_of_another_name_shows_the_detectors_of_every_point():
    section = describe("steps", make_point("steps", {"detector.steps": "5"}, BASE), title="More steps")
    assert section.title == "More steps" and section.tables[0].caption == "steps 5"
    assert section.lead[0].startswith("steps 5: S against R_train:")


def test_the_detectors_section_has_a_row_a_network_and_arm():
    points = [
        make_point(
            "detectors",
            {"refiner": "d_s", "detector": network},
            {"R_train": [0.5] * 3, "R_train + S+": [refined] * 3},
        )
        for network, refined in (("squeezedet", 0.95), ("fcos", 0.5))
    ]
    section = describe("detectors", *points)
    (table,) = section.tables
    assert [row[:2] for row in table.rows] == [
        ("squeezedet", "R_train"),
        ("squeezedet", "R_train + S+"),
        ("fcos", "R_train"),
        ("fcos", "R_train + S+"),
    ]
    assert [row[-1] for row in table.rows] == ["–", "helps", "–", "cannot tell"]
    assert section.lead[0].startswith("squeezedet: R_train + S+ beats R_train by 0.")
    assert section.lead[1].startswith("fcos: R_train + S+ against R_train: F1 ")

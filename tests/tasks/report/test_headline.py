import pytest

from tasks.report.headline import headline


def content(*items, **size):
    sizes = {"num_images": 142, "num_clips": 142, "num_seeds": 5, "num_comparisons": len(items)} | size
    return {"evaluation": {"comparisons": [entry | {"size": sizes} for entry in items]}}


def item(difference, interval, verdict, *, arm="R_train + S+", **needed):
    return {
        "arm": arm,
        "baseline": "R_train",
        "difference": difference,
        "interval": interval,
        "unadjusted_p": 0.01,
        "p_value": 0.01,
        "verdict": verdict,
        "needed": {"images": None, "num_trainings": None, "all": None} | needed,
    }


def amount(num_images, num_clips):
    return {"num_images": num_images, "num_clips": num_clips}


def test_a_gain_and_a_loss_are_said_in_one_line():
    assert headline(content(item(0.021, (0.006, 0.037), "helps"))) == [
        "R_train + S+ beats R_train by 0.021 F1 [0.006, 0.037], 5 seeds, 142 images."
    ]
    assert headline(content(item(-0.021, (-0.037, -0.006), "hurts"))) == [
        "R_train + S+ is worse than R_train by 0.021 F1 [0.006, 0.037], 5 seeds, 142 images."
    ]


def test_of_many_comparisons_those_that_are_told_and_the_clearest_other_are_said():
    told = item(0.021, (0.006, 0.037), "helps", arm="a")
    clearest = item(0.02, (0.001, 0.04), "cannot tell", arm="b") | {"unadjusted_p": 0.04}
    others = [item(0.0, (-0.1, 0.1), "cannot tell", arm=f"c{n}") | {"unadjusted_p": 0.5} for n in range(9)]
    said = headline(content(*others, clearest, told))
    assert len(said) == 2 and said[0].startswith("a beats R_train by 0.021")
    assert said[1].startswith(
        "Of 11 comparisons 1 can be told. The clearest of the others: b against R_train: F1"
    )
    assert headline(content(*others))[0].startswith("Of 9 comparisons none can be told.")


@pytest.mark.parametrize(
    ("needed", "advice"),
    [
        ({"images": amount(600, 600)}, "about 600 images would be needed."),
        (
            {"images": amount(600, 600), "num_trainings": 9},
            "about 600 images would be needed, or about 9 seeds.",
        ),
        ({"num_trainings": 9}, "more images alone will not do: about 9 seeds would be needed."),
        ({"all": (amount(1400, 1400), 15, 15)}, "about 1,400 images and 15 seeds would be needed."),
        ({}, "no number of images and seeds can be named."),
    ],
)
def test_what_cannot_be_told_comes_with_what_it_would_take(needed, advice):
    (sentence,) = headline(content(item(0.02, (-0.01, 0.05), "cannot tell", **needed)))
    assert sentence.startswith("R_train + S+ against R_train: F1 +0.020 [-0.010, +0.050], cannot tell with 5")
    assert sentence.endswith(advice)


def test_of_two_given_networks_no_word_is_said_of_seeds():
    undecided = item(0.02, (-0.01, 0.05), "cannot tell", arm="a.pt", images=amount(600, 600))
    (sentence,) = headline(content(undecided, num_seeds=1, are_trainings=False))
    assert sentence == (
        "a.pt against R_train: F1 +0.020 [-0.010, +0.050], cannot tell with 142 images: about 600 images would be needed."
    )
    (nothing,) = headline(content(item(0.0, (-0.01, 0.01), "cannot tell"), num_seeds=1, are_trainings=False))
    assert nothing.endswith("so small that no number of images can be named.")


def test_where_smaller_is_better_the_words_say_so():
    fid = {"measure": {"name": "fid", "title": "FID"}}
    (helps,) = headline(content(item(-3.1, (-5.25, -1.5), "helps") | fid))
    assert helps == "R_train + S+ beats R_train by 3.10 FID [1.50, 5.25], 5 seeds, 142 images."
    (hurts,) = headline(content(item(3.1, (1.5, 5.25), "hurts") | fid))
    assert hurts == "R_train + S+ is worse than R_train by 3.10 FID [1.50, 5.25], 5 seeds, 142 images."
    (unsure,) = headline(content(item(-0.5, (-2.0, 1.0), "cannot tell") | fid))
    assert unsure.startswith(
        "R_train + S+ against R_train: FID (smaller is better) -0.50 [-2.00, +1.00], cannot"
    )


def test_images_are_asked_for_in_clips():
    unsure = item(0.02, (-0.01, 0.05), "cannot tell", images=amount(216, 54), num_trainings=9)
    (sentence,) = headline(content(unsure, num_images=32, num_clips=8))
    assert sentence.endswith(
        "cannot tell with 5 seeds, 32 images in 8 clips: about 216 images, in 54 clips instead of 8, "
        "would be needed, or about 9 seeds."
    )


def test_of_several_refiners_more_refiners_are_asked_for():
    unsure = item(0.02, (-0.01, 0.05), "cannot tell", num_trainings=9)
    (sentence,) = headline(content(unsure, num_refiners=3, num_seeds=2))
    assert "3 refiners of different seeds with 2 detectors each" in sentence
    assert sentence.endswith(
        "the refiners limit it, more images alone will not do: about 9 refiners would be needed."
    )
    hard = item(0.02, (-0.01, 0.05), "cannot tell", all=(amount(1400, 1400), 30, 20))
    (sentence,) = headline(content(hard, num_refiners=3, num_seeds=2))
    assert sentence.endswith("about 1,400 images and 30 refiners with 20 detectors each would be needed.")
    (sentence,) = headline(content(unsure, num_refiners=5, num_seeds=1))
    assert sentence.endswith(
        "142 images: each refiner has one detector, and nothing is known about another training of it."
    )


def test_one_seed_few_clips_and_many_comparisons_are_named_as_reasons():
    seemingly = item(0.02, (0.001, 0.05), "cannot tell")
    assert "with one seed the interval covers the images only" in headline(content(seemingly, num_seeds=1))[0]
    assert "it is one of 2 comparisons" in headline(content(seemingly, seemingly))[0]
    (sentence,) = headline(content(seemingly, num_clips=2))
    assert sentence.endswith(
        "2 clips may differ from any other day or scene: images of at least 3 clips are needed."
    )


def test_without_an_interval_nothing_is_claimed():
    unknown = item(0.1, None, "cannot tell")
    (sentence,) = headline(content(unknown, num_images=1, num_clips=1))
    assert sentence.endswith("(5 seeds, 1 image), but a single test image gives no interval: cannot tell.")
    (sentence,) = headline(content(unknown, num_images=4, num_clips=1))
    assert sentence.endswith("4 images in 1 clip), but a single clip gives no interval: cannot tell.")


def test_the_arm_that_adds_to_the_baseline_comes_first():
    sentences = headline(content(item(0.1, (0.0, 0.2), "helps", arm="S"), item(0.1, (0.05, 0.2), "helps")))
    assert [sentence.split(" beats")[0] for sentence in sentences] == ["R_train + S+", "S"]

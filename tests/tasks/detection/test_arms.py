import pytest

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.detection.arms import Part, arm_name, main_baseline, pair_arms, parse_arm, parse_part


def test_a_part_is_a_dataset_or_a_number_of_its_images():
    assert parse_part("S+") == Part("S+", None) and parse_part("R_train:16") == Part("R_train", 16)
    assert parse_arm(arm_name(("R_train:16", "S+:100"))) == [Part("R_train", 16), Part("S+", 100)]
    for text in ("S+:", "S+:-1", "S:1.5", "s", "S:01", "", ":3"):
        with pytest.raises(ValueError, match="a part of an arm must be one of"):
            parse_part(text)


def test_r_train_alone_is_the_main_baseline_where_it_is_trained():
    assert main_baseline((("S",), ("R_train:9",), ("R_train",))) == ("R_train",)
    assert main_baseline((("S",), ("R_train:9",), ("R_train", "S+"))) == ("R_train:9",)
    assert main_baseline((("S",), ("R_train", "S+"))) == ("S",)


def test_synthetic_images_are_judged_against_the_same_real_ones_without_them():
    arms = (("S",), ("R_train:16",), ("R_train",), ("S+:50", "R_train:16"), ("R_train:8", "S+"))
    assert pair_arms(arms) == (
        ("S", "R_train"),
        ("S+:50 + R_train:16", "R_train:16"),
        ("R_train:8 + S+", "R_train"),
    )


def test_the_default_arms_are_all_compared_with_r_train():
    arms = (("S",), ("R_train",), ("S+",), ("R_train", "S+"))
    assert pair_arms(arms) == (("S", "R_train"), ("S+", "R_train"), ("R_train + S+", "R_train"))
    assert pair_arms((("S",), ("S+",))) == (("S+", "S"),)


def test_readme_report_and_sweep_say_what_the_sets_are_in_the_same_words():
    words = (
        "R_train: your annotated real images; S: synthetic ones; S+: the same after the refiner. "
        "R_val chooses checkpoints and thresholds; R_test is scored."
    )
    for place in ("README.md", "tasks/report/page.html", "tasks/sweeping/page.html"):
        assert words in " ".join((PROJECT_ROOT / place).read_text().split()), place

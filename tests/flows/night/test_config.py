"""What a run file of the pipeline `night` may say, and how mistakes are told."""

import pytest

from flows.commands.command_line import main
from flows.pipelines.loading import load_run
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.night.seed_figures import SEED_ROWS, STAIRS
from tests.flows.tiny_street import write_tiny_night


def test_an_arm_that_goes_on_has_a_tenth_of_the_learning_rate_unless_it_sets_it(tmp_path):
    path = write_tiny_night(tmp_path)
    _, config = load_run(path, [])
    assert config.segmenter_of("3.1").learning_rate == 1e-3
    assert config.segmenter_of("7.2").learning_rate == pytest.approx(1e-4)
    assert config.segmenter_of("7.2").losses.pixel == "combined"
    _, config = load_run(path, ["arms={a: {}, b: {start: a, set: {learning_rate: 0.5}}}"])
    assert config.segmenter_of("b").learning_rate == 0.5


def test_arms_are_compared_with_the_first_and_with_what_they_go_on_from_each_pair_once(tmp_path):
    path = write_tiny_night(tmp_path)
    _, config = load_run(path, ["compare=[['3.1', '1.1'], ['7.2', '1.1'], ['1.1', '7.2']]"])
    assert config.pairs() == (("3.1", "1.1"), ("7.2", "1.1"), ("7.2", "3.1"), ("1.1", "7.2"))


def test_the_sample_street_is_labelled_by_day_and_scored_by_night_where_nothing_else_is_said(tmp_path):
    path = write_tiny_night(tmp_path)
    _, config = load_run(path, ["label_maps=null", "sample_street={}", "segmenter.num_classes=19"])
    by_day = {"condition": ("day",)}
    assert config.labelled_patterns() == config.val_patterns() == config.source_images().where == by_day
    assert config.test_images().where == {"condition": ("night",)}
    _, config = load_run(path, [])
    assert config.labelled_patterns() == config.test_images().where == {}, "a folder says no condition"


@pytest.mark.parametrize(
    ("name", "rows"), [("experiments", set(SEED_ROWS)), ("experiments_small", set(STAIRS))]
)
def test_the_experiments_have_the_seed_s_rows_three_seeds_each_and_arms_whose_settings_exist(name, rows):
    _, config = load_run(PROJECT_ROOT / f"flows/configs/night/{name}.yaml", [])
    assert rows <= set(config.arms) and config.training.seeds == 3
    assert (
        config.segmenter_of("7.2").losses.pixel == "combined"
        and config.segmenter_of("6.1").losses.pixel == "focal"
    )
    for arm in config.arms:
        assert config.segmenter_of(arm).steps > 0


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (
            "arms={a: {start: b}, b: {}}",
            "arms.a.start is 'b', but the arms before it are: none; name one of them",
        ),
        ("arms={a: {}, b: {guess: {}}}", "arms.b.guess has no segmenter that could label; set arms.b.start"),
        ("arms={a: {}, b: {guess: {by: c}}}", "arms.b.guess.by is 'c', but the arms before it are: a"),
        ("arms={a: {translator: cut}}", "arms.a.translator is 'cut', but translators are: unit"),
        ("arms={a: {}, b: {}}", "arms a and b are the same training; remove one"),
        ("arms={a: {set: {stepz: 3}}}", "arms.a.set: stepz is not a known field"),
        ("compare=[['1.1', '9']]", "compare has ['1.1', '9'], but must have pairs of different arms"),
        ("translators={cut: {family: one_way, epochs: null, steps: 2}}", "converted needs a way back"),
        ("test={folder: {folder: drives}}", "target.folder and test.folder are both "),
        ("test={folder: {folder: street}, where: {name: [a]}}", "folder is given too; leave one out"),
        (
            "target={folder: {folder: drives, layout: unlabelled, size_px: [16, 16]}}",
            "target.folder has images of 16 x 16 px, but R_train of 32 x 32; set target.folder.size_px: [32, 32]",
        ),
        ("segmenter.num_classes=19", "has 3 classes; set segmenter.num_classes: 3"),
    ],
)
def test_mistakes_are_told_in_one_line_before_anything_starts(tmp_path, capsys, override, words):
    path = write_tiny_night(tmp_path)
    assert main(["explain", str(path), "--set", override]) == 2
    assert words in capsys.readouterr().err.strip().splitlines()[-1]

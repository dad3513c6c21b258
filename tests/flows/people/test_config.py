import pytest

from flows.people.config import PeopleConfig, require_arms
from flows.people.evaluate_again import ScoredAgain
from flows.people.journey import report_config
from flows.people.run_files import load_run_config
from flows.pipelines.loading import validate
from flows.sweeps.config import is_sweep, list_points, load_sweep
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.training.refiner_reuse import TrainedRefiner


def test_overrides_reach_nested_fields_with_their_types(tiny_run):
    config = load_run_config(tiny_run, ["refiner.epochs=20", "refiner.losses.identity_pixel=5", "arms=[[S]]"])
    assert (
        config.refiner.epochs == 20
        and config.refiner.losses.identity_pixel == 5.0
        and config.arms == (("S",),)
    )


def test_places_are_relative_to_the_configuration(tiny_run):
    config = load_run_config(tiny_run, [])
    assert config.site == str(tiny_run.parent / "site.yaml")
    assert config.real_images is not None and config.real_images.images == str(tiny_run.parent / "real")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (f"name={'x' * 101}", r"name: String should have at most 100 characters"),
        ('store="a\\0b"', r"store: 'a\\x00b' is no place that a system has; write a folder or a URL"),
        ('output="a\\0b"', r"output: 'a\\x00b' is no place that a system has"),
        ("refiner.epoch=20", r"refiner\.epoch is not a known field"),
        ("render.colour=1", r"render\.colour is not a known field"),
        ("rendr.seed=1", "rendr is not a known field"),
        ("refiner.losses.cycle_pixel=-1", r"refiner\.losses: losses\.cycle_pixel must be >= 0, but was -1"),
        ("crops.size_px=28", r"crops\.size_px: Input should be greater than or equal to 32, but was 28"),
        ("detection.target=dog", r"detection\.target: Input should be 'head' or 'person', but was 'dog'"),
        ("refiner.steps=5", "Exactly one of epochs and steps must be given"),
        ("sample_site={}", "exactly one of site"),
        ("refiner={from: 12}", r"refiner\.from must be text; put it in quotes, but was 12"),
        ("refiner={from: abc}", r"refiner\.from: String should have at least 4 characters"),
        ("refiner={from: abcd, epochs: 3}", r"refiner\.epochs is not a known field"),
        ("refiner=5", r": refiner must be a section"),
        ("arms=[[S], [S]]", "arms must list different training sets, but one is there twice"),
        ("arms=[[R_train, S], [S, R_train]]", "arms must list different training sets"),
        ("arms=[[]]", "arms must list different, non-empty training sets"),
        ("arms=[['S:5', S]]", r"each of different parts, e.g. .*, but one was \['S:5', 'S'\]"),
        (
            "arms=[['S:0']]",
            r"one of R_train, S, S\+, S_style, or so many images of it like S\+:100, but was 'S:0'",
        ),
        ("arms=[[T]]", "a part of an arm must be one of R_train.*but was 'T'"),
        ("name=a/b", "name must be of letters, digits, dots, dashes and underscores.*but was 'a/b'"),
        ("name=..", r"name must be of letters.*begin with none of \.-, but was '\.\.'"),
        (
            "real_images.split=foo",
            r": real_images\.split must be given, clip, camera, or patterns, e.g. .train:.*, but was 'foo'$",
        ),
        (
            "detector.weights=foo",
            r": detector\.weights must be none, imagenet, people_synthetic, or .path: FILE., but was 'foo'$",
        ),
        (
            "refiner.features.weights=foo",
            r": refiner\.features\.weights must be none, imagenet, or .path: FILE.",
        ),
        (
            "detector.weights={pth: a}",
            r": detector\.weights\.path is missing; add it; .*weights\.pth is not a known",
        ),
        ("arms=R_train", r": arms must be a list.*, but was 'R_train'$"),
        (
            "render.settings.sitting_people=3",
            r": render\.settings\.sitting_people must be a list.*, but was 3$",
        ),
        ("refiner=d.yaml", r"refiner must be a section.*'d\.yaml'; only the grid of a sweep may name a file"),
        ("detector=3", r": detector must be a section with fields of its own"),
        (
            "render.scenes_per_background=yes",
            r": render\.scenes_per_background must be a number, but was True",
        ),
        ("render.settings.sitting_people=[0, on]", r"render\.settings\.sitting_people\.1 must be a number"),
        ("crops.size_px=abc", r"crops\.size_px must be a whole number, but was 'abc'"),
        ("refiner={epochs: 3, epochs: 4}", r"--set refiner: epochs is given twice, in line 1; remove one"),
        ("refiner", "--set takes field=value"),
        ("name.first=1", "name is a value"),
    ],
)
def test_a_wrong_field_is_one_clear_line(tiny_run, override, message):
    with pytest.raises(ValueError, match=message) as error:
        load_run_config(tiny_run, [override])
    assert "\n" not in str(error.value)


def test_a_missing_or_broken_file_is_one_clear_line(tmp_path):
    with pytest.raises(ValueError, match="there is no configuration"):
        load_run_config(tmp_path / "none.yaml", [])
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(ValueError, match="is not valid YAML") as error:
        load_run_config(tmp_path / "bad.yaml", [])
    assert "\n" not in str(error.value)


def test_a_sweep_s_name_makes_a_folder_beside_the_others_too(tiny_run):
    sweep = tiny_run.with_name("sweep.yaml")
    sweep.write_text("name: ..\nbase: run.yaml\ngrid: {training.refiner_seed: [0, 1]}\n")
    with pytest.raises(ValueError, match=r"name must be of letters.*but was '..'"):
        load_sweep(sweep, [])


def test_a_trained_refiner_stands_in_the_place_of_one_to_train(tiny_run):
    config = load_run_config(tiny_run, ["refiner={from: 0123abcd}"])
    assert isinstance(config.refiner, TrainedRefiner) and config.refiner.source == "0123abcd"
    assert validate(config.model_dump(mode="json"), PeopleConfig, source="dump").refiner == config.refiner


def test_thresholds_are_chosen_at_the_overlap_at_which_they_are_scored(tiny_run):
    with pytest.raises(
        ValueError, match=r"evaluation\.iou is 0\.7, but detector\.match_iou, .* is 0\.5; set both"
    ):
        load_run_config(tiny_run, ["evaluation.iou=0.7"])
    config = load_run_config(tiny_run, ["evaluation.iou=0.7", "detector.match_iou=0.7"])
    assert config.evaluation.iou == config.detector.match_iou == 0.7


def test_detectors_that_are_scored_again_keep_their_thresholds(tiny_run):
    content = load_run_config(tiny_run, []).model_dump(mode="json") | {"evaluation": {"iou": 0.3}}
    config = validate(content, source="the run tiny", form=ScoredAgain)
    report = report_config(config, has_test=True)
    assert (report.iou, report.match_iou) == (0.3, 0.5)


def test_a_run_needs_detectors_and_a_sweep_does_not(tiny_run):
    config = load_run_config(tiny_run, ["arms=[]"])
    with pytest.raises(ValueError, match="arms is empty, but a run ends with the report on its detectors"):
        require_arms(config)


@pytest.mark.parametrize(
    "path", sorted((PROJECT_ROOT / "flows/configs/people").glob("*.yaml")), ids=lambda path: path.name
)
def test_every_shipped_configuration_is_valid_and_names_only_fields_that_exist(path):
    if is_sweep(path):
        assert len(list_points(load_sweep(path, []))) > 1
    else:
        assert load_run_config(path, []).name == path.stem

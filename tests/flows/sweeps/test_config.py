from pathlib import Path

import pytest
import yaml

from flows.configuration.files import put
from flows.people.run_files import load_run_config
from flows.sweeps.config import describe, is_sweep, list_points, load_sweep

SMALL = {"epochs": 4, "generator": {"filters": 4, "blocks": 1}, "discriminator": {"filters": 4}}


@pytest.fixture
def write(tiny_run):
    """Writes a sweep beside the tiny run, with two refiners in files; gives its path."""
    folder = tiny_run.parent
    (folder / "refiners").mkdir()
    (folder / "refiners/c_cp.yaml").write_text(yaml.safe_dump(SMALL))
    skip = SMALL | {"generator": {"filters": 4, "blocks": 1, "has_skip": True}}
    (folder / "refiners/d_s.yaml").write_text(yaml.safe_dump(skip))

    def write(grid, **fields):
        path = folder / "sweep.yaml"
        content = {"name": "small", "base": "run.yaml", "grid": grid} | fields
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path

    return write


REFINERS = ["refiners/c_cp.yaml", "refiners/d_s.yaml"]


def test_the_points_are_all_combinations_and_the_last_axis_is_fastest(write):
    points = list_points(load_sweep(write({"refiner": REFINERS, "training.refiner_seed": [0, 3]}), []))
    assert [dict(point.values) for point in points] == [
        {"refiner": "c_cp", "training.refiner_seed": "0"},
        {"refiner": "c_cp", "training.refiner_seed": "3"},
        {"refiner": "d_s", "training.refiner_seed": "0"},
        {"refiner": "d_s", "training.refiner_seed": "3"},
    ]
    found = [
        (point.config.refiner.generator.has_skip, point.config.training.refiner_seed) for point in points
    ]
    assert found == [(False, 0), (False, 3), (True, 0), (True, 3)]
    assert {point.config.name for point in points} == {"small"}


def test_a_file_replaces_its_whole_section(write):
    path = write({"refiner": REFINERS})
    base = yaml.safe_load((path.parent / "run.yaml").read_text())
    assert base["refiner"]["checkpoint_every_steps"] == 2  # is gone, with 8 epochs
    refiner = list_points(load_sweep(path, []))[0].config.refiner
    assert (refiner.checkpoint_every_steps, refiner.epochs) == (2000, 4)


def test_set_comes_after_the_grid_and_the_command_line_last(write):
    path = write({"refiner": REFINERS}, set={"refiner.epochs": 6, "refiner.batch_size": 2})
    refiners = [point.config.refiner for point in list_points(load_sweep(path, ["refiner.epochs=7"]))]
    assert [(refiner.epochs, refiner.batch_size) for refiner in refiners] == [(7, 2), (7, 2)]


def test_a_field_of_a_section_counts_whatever_the_order_of_the_axes(write):
    path = write({"refiner.generator.filters": [8, 16], "refiner": REFINERS})
    points = list_points(load_sweep(path, []))
    assert [point.config.refiner.generator.filters for point in points] == [8, 8, 16, 16]
    assert [point.config.refiner.generator.has_skip for point in points] == [False, True, False, True]


def test_places_are_relative_to_the_base(write, tiny_run):
    config = list_points(load_sweep(write({"render.seed": [0, 1]}), []))[1].config
    assert config.site == str(tiny_run.parent / "site.yaml") and config.render.seed == 1


def test_detectors_may_be_left_out(write):
    path = write({"training.refiner_seed": [0, 1]}, set={"arms": []})
    assert [point.config.arms for point in list_points(load_sweep(path, []))] == [(), ()]


def test_words_are_named_alone_and_numbers_with_their_axis():
    values = {"refiner": "c_cp", "training.refiner_seed": "0", "arms": "[[S]]"}
    assert describe(values) == "c_cp, refiner_seed 0, arms [[S]]"


def test_a_sweep_is_told_from_a_run(write, tiny_run):
    path = write({"render.seed": [0, 1]})
    assert is_sweep(path) and not is_sweep(tiny_run)
    with pytest.raises(
        ValueError, match=r"sweep\.yaml is a sweep of many runs; give it to `python -m flows sweep`"
    ):
        load_run_config(path, [])
    with pytest.raises(ValueError, match=r"run\.yaml has no grid: .* to `python -m flows run`"):
        load_sweep(tiny_run, [])


@pytest.mark.parametrize(
    ("grid", "fields", "message"),
    [
        ({"refnr.epochs": [1, 2]}, {}, "refnr is not a known field"),
        ({"training.refiner_sed": [1, 2]}, {}, "training.refiner_sed is not a known field"),
        ({"training.refiner_seed": []}, {}, "grid.training.refiner_seed is empty; give it values"),
        ({}, {}, "exactly one of grid .* and sections .* must be given"),
        (
            {"training.refiner_seed": 3},
            {},
            "grid.training.refiner_seed must be a list in .*, but was 3",
        ),
        ({"training.refiner_seed": [0, 0]}, {}, "grid.training.refiner_seed has '0' twice"),
        ({"refiner": ["refiners/c_cp.yaml"] * 2}, {}, "grid.refiner has 'c_cp' twice"),
        (
            {"refiner": ["refiners/x.yaml"]},
            {},
            "grid.refiner names 'refiners/x.yaml', but there is no such file",
        ),
        ({"store": ["a", "b"]}, {}, "grid.store cannot vary"),
        ({"name.first": [1]}, {}, "grid.name.first cannot vary"),
        ({"site.first": [1]}, {}, "site is a value .'site.yaml'., it has no field 'first'"),
        ({"render.seed": [1]}, {"base": "none.yaml"}, "there is no configuration .*none.yaml"),
        ({"render.seed": [1]}, {"base": "sweep.yaml"}, "base is 'sweep.yaml', but that is a sweep"),
        ({"render.seed": [1]}, {"sets": {}}, "sets is not a known field"),
        (
            {"render.seed": [1, 2]},
            {"set": {"render.seed": 5}},
            r"\(seed 1\) and \(seed 2\) are the same",
        ),
    ],
)
def test_a_wrong_sweep_is_one_clear_line(write, grid, fields, message):
    with pytest.raises(ValueError, match=message) as error:
        load_sweep(write(grid, **fields), [])
    assert "\n" not in str(error.value)


def test_every_mistake_of_every_point_is_named_once_with_its_points(write):
    grid = {"refiner.epochs": [0, 5], "training.refiner_seed": [0, 1]}
    with pytest.raises(ValueError) as error:
        load_sweep(write(grid, set={"crops.size_px": 28}), [])
    size, epochs = str(error.value).split("; ", 1)
    assert "crops.size_px" in size and "(in" not in size
    assert "epochs must be >= 1, but was 0" in epochs
    assert epochs.endswith("(in epochs 0, refiner_seed 0 and in epochs 0, refiner_seed 1)")


def test_points_do_not_share_what_overrides_change(write):
    path = write({"training.refiner_seed": [0, 1]}, set={"refiner": {"epochs": 4}})
    first, second = list_points(load_sweep(path, ["refiner.batch_size=2"]))
    assert first.config.refiner == second.config.refiner and first.config.refiner.batch_size == 2


def test_a_field_below_a_missing_section_makes_the_section():
    content = {"a": 1}
    put(content, "b.c.d", 2, source="set")
    assert content == {"a": 1, "b": {"c": {"d": 2}}}


def write_sections(write, sections, **fields):
    path = write({}, sections=sections, **fields)
    path.write_text(
        yaml.safe_dump({k: v for k, v in yaml.safe_load(path.read_text()).items() if k != "grid"})
    )
    return path


def test_sections_are_grids_of_their_own_and_share_points(write):
    sections = {
        "refiners": {"grid": {"refiner": REFINERS}},
        "reproduction": {"grid": {"refiner": REFINERS[:1], "training.refiner_seed": [0, 1]}},
        "sizes": {"set": {"arms": [["S"], ["S:1"]]}},
    }
    config = load_sweep(write_sections(write, sections), [])
    assert is_sweep(Path(config.folder) / "sweep.yaml")
    points = list_points(config)
    assert [list(point.values.values()) for point in points] == [
        ["refiners and reproduction", "c_cp", ""],
        ["refiners", "d_s", ""],
        ["reproduction", "c_cp", "1"],
        ["sizes", "", ""],
    ]
    assert list(points[0].values) == ["section", "refiner", "training.refiner_seed"]
    assert points[0].sections == {
        "refiners": {"refiner": "c_cp"},
        "reproduction": {"refiner": "c_cp", "training.refiner_seed": "0"},
    }
    assert points[3].config.arms == (("S",), ("S:1",))


def test_a_sections_own_set_comes_after_that_of_all(write):
    sections = {"a": {"set": {"detector.steps": 7}}, "b": {"grid": {"detector.steps": [8, 9]}}}
    path = write_sections(write, sections, set={"detector.batch_size": 3})
    found = [
        (p.config.detector.steps, p.config.detector.batch_size) for p in list_points(load_sweep(path, []))
    ]
    assert found == [(7, 3), (8, 3), (9, 3)]
    assert describe(list_points(load_sweep(path, []))[0].values) == "a"


def test_mistakes_in_sections_are_clear_lines(write):
    def load(sections, **fields):
        load_sweep(write_sections(write, sections, **fields), [])

    with pytest.raises(ValueError, match=r"sections\.a: grid\.render\.seed is empty; give it values"):
        load({"a": {"grid": {"render.seed": []}}})
    with pytest.raises(ValueError, match=r"sections\.a\.steps is not a known field"):
        load({"a": {"steps": 3}})
    with pytest.raises(ValueError, match=r"detector\.step is not a known field.* \(in a\)"):
        load({"a": {"set": {"detector.step": 3}}, "b": {}})
    with pytest.raises(ValueError, match="exactly one of grid"):
        load({})


def test_more_points_than_anybody_runs_are_refused_before_they_are_written_out(write):
    axes = {f"refiner.losses.x{number}": list(range(10)) for number in range(12)}
    with pytest.raises(ValueError, match="the grids have 1000000000000 points, but at most 2000 are run"):
        list_points(load_sweep(write(axes), []))

import json
import re

import pandas as pd
import pytest

from tasks.sweeping.page import list_figures
from tasks.sweeping.points import KindCost, PointConfig
from tasks.sweeping.table import SweepTableConfig, tabulate_sweep
from tests.tasks.sweeping.made_up_points import failed_point, make_point

AXES = ("refiner", "training.refiner_seed")
END = "ended with exit code 1; the end of its log:\n    line 1\n    the loss is <nan>"
LOG = f"train refiner: tasks.training.refiner_training {END}"


def score(arm, f1, interval=None):
    return {
        "arm": arm,
        "precision": f1 + 0.1,
        "recall": f1 - 0.1,
        "f1": f1,
        "interval": interval,
        "val_f1": f1,
    }


def write_summary(folder, *, figures, scores=(), warnings=(), leaks=()):
    folder.mkdir()
    content = {
        "steps": 50,
        "figures": figures,
        "warnings": list(warnings),
        "extractor": None,
        "leaks": {"pairs": list(leaks), "cut_clips": [], "left_out": []},
        "evaluation": {"num_images": 20, "num_clips": 2, "num_seeds": 3, "scores": list(scores)}
        if scores
        else None,
        "before": "data:image/jpeg;base64,BEFORE",
        "after": f"data:image/jpeg;base64,{folder.name}",
    }
    (folder / "point.json").write_text(json.dumps(content))
    return folder


def point(refiner, seed, **fields):
    return PointConfig(values={"refiner": refiner, "training.refiner_seed": seed}, **fields)


@pytest.fixture
def table(tmp_path):
    """Two refiners with two seeds; the second seed of d_s failed."""
    points = (
        point("c_cp", "0", refiner_key="aa" * 32, refiner_seconds=100.0),
        point("c_cp", "1", refiner_key="bb" * 32, refiner_seconds=150.0),
        point("d_s", "0", refiner_key="cc" * 32, refiner_seconds=50.0),
        point("d_s", "1", error=LOG),
    )
    summaries = [
        write_summary(
            tmp_path / "p0", figures={"change": 2.0}, scores=[score("S+", 0.5, [0.4, 0.6]), score("S", 0.3)]
        ),
        write_summary(
            tmp_path / "p1", figures={"change": 5.0}, scores=[score("S+", 0.7, [0.6, 0.8]), score("S", 0.3)]
        ),
        write_summary(tmp_path / "p2", figures={"frechet": 9.0}, warnings=["almost the identity"]),
    ]
    out = tmp_path / "out"
    out.mkdir()
    config = SweepTableConfig(name="small", axes=AXES, points=points, is_sample_site=True, has_test=True)
    tabulate_sweep.build(out, config=config, points=summaries)
    return out


def test_there_is_one_row_a_point_in_the_order_of_the_grid(table):
    rows = json.loads((table / "table.json").read_text())["rows"]
    assert [(row["refiner"], row["training.refiner_seed"]) for row in rows] == [
        ("c_cp", "0"),
        ("c_cp", "1"),
        ("d_s", "0"),
        ("d_s", "1"),
    ]
    assert rows[0] == {
        "refiner": "c_cp",
        "training.refiner_seed": "0",
        "refiner_key": "aa" * 32,
        "steps": 50,
        "seconds_per_step": 2.0,
        "change": 2.0,
        "S+ P": 0.6,
        "S+ R": 0.4,
        "S+ F1": 0.5,
        "S+ F1 low": 0.4,
        "S+ F1 high": 0.6,
        "S P": 0.4,
        "S R": pytest.approx(0.2),
        "S F1": 0.3,
    }
    # A point without detectors has no scores, and a new figure is a new column.
    assert rows[2]["frechet"] == 9.0 and "S+ F1" not in rows[2] and "change" not in rows[2]
    assert rows[2]["warnings"] == "almost the identity"
    assert rows[3] == {"refiner": "d_s", "training.refiner_seed": "1", "error": LOG}


def test_the_csv_holds_the_same(table):
    frame = pd.read_csv(table / "table.csv")
    assert list(frame["seconds_per_step"].dropna()) == [2.0, 3.0, 1.0]
    assert frame["S+ F1"].tolist()[:2] == [0.5, 0.7] and frame["S+ F1"].isna().tolist()[2:] == [True, True]


def test_the_spread_over_seeds_is_that_of_what_did_not_fail(table):
    seeds = json.loads((table / "table.json").read_text())["seeds"]
    assert [(row["refiner"], row["num_seeds"]) for row in seeds] == [("c_cp", 2), ("d_s", 1)]
    # of 2 and 5: mean 3.5, standard deviation 3 / sqrt(2)
    assert seeds[0]["change mean"] == 3.5 and seeds[0]["change sd"] == pytest.approx(3 / 2**0.5)
    assert (seeds[0]["change min"], seeds[0]["change max"]) == (2.0, 5.0)
    assert seeds[0]["S+ F1 mean"] == pytest.approx(0.6) and "S+ F1 low mean" not in seeds[0]
    assert seeds[1]["frechet mean"] == 9.0 and "frechet sd" not in seeds[1]


def test_without_a_seed_there_is_no_spread(tmp_path):
    points = (PointConfig(values={"refiner": "c_cp"}, refiner_key="aa", refiner_seconds=1.0),)
    summary = write_summary(tmp_path / "p", figures={})
    config = SweepTableConfig(
        name="one", axes=("refiner",), points=points, is_sample_site=False, has_test=True
    )
    tabulate_sweep.build(tmp_path, config=config, points=[summary])
    assert json.loads((tmp_path / "table.json").read_text())["seeds"] == []
    assert not (tmp_path / "seeds.csv").exists()


def test_the_page_says_what_was_best_what_failed_and_why(table):
    page = (table / "index.html").read_text()
    assert "Trained on S+: the highest F1 is 0.700, at refiner c_cp, refiner_seed 1." in page
    assert "Trained on S: F1 0.300 at every point." in page
    assert "F1 on the 20 images of R_test; means over 3 seeds" in page
    assert "refiner d_s, refiner_seed 1 failed. train refiner: the loss is &lt;nan&gt;" in page
    assert "refiner d_s, refiner_seed 0: almost the identity" in page
    assert "The images scored are of 2 clip(s)" in page and "No verdict is given" in page
    assert "This is the sample site" in page and "There is no R_test" not in page
    # the rendered crops once, the refined ones of every point
    assert page.count("BEFORE") == 1 and re.findall(r"base64,(p\d)", page) == ["p0", "p1", "p2"]
    assert "http://" not in page and "https://" not in page


def test_the_page_over_seeds_has_f1_first_and_what_differs(table):
    seeds = (table / "index.html").read_text().partition("<h2>Over seeds</h2>")[2]
    titles = re.findall(r"<th>([^<]*)</th>", seeds)
    assert titles == ["seeds", "F1 S+", "F1 S", "change", "frechet"]
    assert "3.5 ± 2.1" in seeds and "2 .. 5" in seeds


def test_bars_of_one_table_share_a_scale(table):
    page = (table / "index.html").read_text()
    lines = [tuple(map(float, pair)) for pair in re.findall(r'<line x1="([\d.]+)" x2="([\d.]+)"', page)]
    dots = [float(place) for place in re.findall(r'<circle cx="([\d.]+)"', page)]
    # F1 from 0.3 (S, without an interval) to 0.8 over the 120 px from 5 to 125
    assert lines == [(29.0, 77.0), (5.0, 5.0), (77.0, 125.0), (5.0, 5.0)]
    assert dots == [53.0, 5.0, 101.0, 5.0]


def test_figures_that_are_the_same_everywhere_are_named_once():
    rows = [
        {"refiner": "a", "refiner_key": "1", "steps": 5, "frechet": 2.0, "real": 7.0, "S F1": 0.5},
        {"refiner": "b", "refiner_key": "2", "steps": 5, "frechet": 3.0, "real": 7.0, "S F1": 0.5},
        {"refiner": "c", "error": "it failed"},
    ]
    assert list_figures({"axes": ["refiner"], "rows": rows}) == (["frechet"], {"real": 7.0})
    assert list_figures({"axes": ["refiner"], "rows": rows[1:]}) == (["frechet", "real"], {})


def test_a_figure_that_some_points_lack_is_a_column():
    rows = [{"refiner": "a", "attention": 0.5}, {"refiner": "b"}]
    assert list_figures({"axes": ["refiner"], "rows": rows}) == (["attention"], {})


def test_a_sweep_of_sections_has_them_on_its_page_and_their_sentences_in_its_table(tmp_path):
    recalls = {"R_train": [0.1] * 3, "R_train + S+": [0.12] * 3}
    made = [make_point("sizes", {"refiner": "a"}, recalls), failed_point("style", {}, "refine: no memory")]
    (tmp_path / "p0").mkdir()
    (tmp_path / "p0/point.json").write_text(json.dumps(made[0].summary))
    axes = ("section", "refiner")
    points = tuple(
        item.config.model_copy(update={"values": {axis: item.config.values.get(axis, "") for axis in axes}})
        for item in made
    )
    config = SweepTableConfig(
        name="two",
        axes=axes,
        points=points,
        titles={"sizes": "", "style": "Texture"},
        costs=(KindCost(kind="detector", count=6, seconds=12.34, num_bytes=5_000_000),),
        is_sample_site=True,
        has_test=True,
    )
    tabulate_sweep.build(tmp_path, config=config, points=[tmp_path / "p0"])
    sections = json.loads((tmp_path / "table.json").read_text())["sections"]
    assert [section["title"] for section in sections] == ["How many synthetic images?", "Texture"]
    page = (tmp_path / "index.html").read_text()
    assert sections[0]["lead"][0] in page.replace("&#39;", "'")
    assert "This point failed and is missing here: refine: no memory" in page
    assert "<td>detector</td><td>6</td><td>12.3</td><td>5.0</td>" in page
    assert "none has learned its task" in page and "Plotly.newPlot" in page


def test_images_that_look_like_copies_are_named_once_on_the_page(tmp_path):
    pairs = [f"{n}.png (train) and t.png (test) differ in 3 of 1024 bits" for n in range(2)]
    summaries = [
        write_summary(tmp_path / "a", figures={}, leaks=pairs[:1]),
        write_summary(tmp_path / "b", figures={}, leaks=pairs),
    ]
    config = SweepTableConfig(
        name="leaky",
        axes=AXES,
        points=(point("a", "0"), point("b", "0")),
        is_sample_site=False,
        has_test=True,
    )
    tabulate_sweep.build(tmp_path, config=config, points=summaries)
    page = (tmp_path / "index.html").read_text()
    assert "2 pair(s) of images of different splits look like copies" in page
    assert [page.count(pair) for pair in pairs] == [1, 1]
    tabulate_sweep.build(
        tmp_path, config=config, points=[write_summary(tmp_path / name, figures={}) for name in "cd"]
    )
    assert "look like copies" not in (tmp_path / "index.html").read_text()

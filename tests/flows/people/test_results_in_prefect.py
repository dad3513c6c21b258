from flows.people.results_in_prefect import list_backgrounds, summary_markdown
from flows.sweeps.results_in_prefect import sweep_markdown
from tasks.building.run_context import Outcome


def test_a_background_was_rendered_where_one_of_its_shards_was():
    outcomes = [
        Outcome("background yard", "background", "built"),
        Outcome("render yard 0-9", "scenes", "reused"),
        Outcome("render yard 10-19", "scenes", "built"),
        Outcome("render old hall 0-9", "scenes", "reused"),
    ]
    assert list_backgrounds(outcomes) == {"yard": "rendered", "old hall": "reused"}


def test_a_run_shows_the_measures_that_its_evaluation_names():
    evaluation = {
        "measure": {"name": "psnr", "title": "PSNR"},
        "measures": [{"name": "mean_iou", "title": "mIoU"}, {"name": "psnr", "title": "PSNR"}],
        **{"num_seeds": 3, "num_clips": 20, "comparisons": []},
        "scores": [{"arm": "R_train", "mean_iou": 0.4321, "psnr": 24.567, "interval": [24.0, 25.0]}],
    }
    content = {
        "evaluation": evaluation,
        "config": {"is_sample_site": False, "has_test": True},
        "leaks": {"pairs": [], "cut_clips": [], "left_out": []},
        "pictures": {"crop_pairs": []},
    }
    lines = summary_markdown(content, "Page: `index.html`", [], {}).splitlines()
    assert "| Trained on | mIoU | PSNR | 95 % interval |" in lines
    assert "| R_train | 0.432 | 24.57 | 24.00 – 25.00 |" in lines


def test_a_sweep_shows_table_failures_and_each_refiner_once():
    content = {
        "name": "two",
        "axes": ["refiner", "training.refiner_seed"],
        "comparisons": [{"sentence": "refiner b beats refiner a by 0.2 F1."}],
        "rows": [
            {"refiner": "a", "training.refiner_seed": "0", "frechet": 1.5, "warnings": "almost the identity"},
            {"refiner": "a", "training.refiner_seed": "0", "frechet": 2.0},
            {
                "refiner": "b",
                "training.refiner_seed": "0",
                "error": "train refiner: it died:\n  File x\n  killed",
            },
        ],
    }
    summary = {"before": "data:rendered", "after": "data:a"}
    lines = sweep_markdown(content, [summary, summary, None], "Page: `runs/two/index.html`").splitlines()
    assert lines[0] == "Page: `runs/two/index.html`"
    assert lines[4:8] == [
        "| refiner | training.refiner_seed | frechet |",
        "| --- | --- | --- |",
        "| a | 0 | 1.5 |",
        "| a | 0 | 2 |",
    ]
    assert "- refiner b beats refiner a by 0.2 F1." in lines
    assert "- `refiner a, refiner_seed 0`: almost the identity" in lines
    assert "- `refiner b, refiner_seed 0` failed: train refiner: killed" in lines
    assert [line for line in lines if line.startswith("!")] == [
        "![rendered](data:rendered)",
        "![refiner a, refiner_seed 0](data:a)",
    ]


def test_a_large_sweep_shows_its_first_refiners_and_says_how_many_more_there_are():
    rows = [{"refiner": f"r{number}"} for number in range(20)]
    summaries = [{"before": "data:rendered", "after": f"data:{number}"} for number in range(20)]
    content = {"name": "many", "axes": ["refiner"], "rows": rows, "comparisons": []}
    text = sweep_markdown(content, summaries, "Page: `index.html`")
    assert text.count("![") == 17 and "The page shows 4 more." in text

import json

from flows.sweeps.text_table import print_table, table_cells

CONTENT = {
    "axes": ["refiner", "training.refiner_seed"],
    "comparisons": [{"sentence": "refiner d beats refiner c by 0.2 F1."}],
    "rows": [
        {
            "refiner": "c_cp",
            "training.refiner_seed": "0",
            "refiner_key": "aa",
            "steps": 5,
            "num_heads": 3,
            "frechet": 12.34567,
            "R_train F1": 0.5,
            "R_train F1 low": 0.4,
            "R_train F1 high": 0.6,
        },
        {
            "refiner": "d_s",
            "training.refiner_seed": "0",
            "refiner_key": "bb",
            "steps": 5,
            "num_heads": 3,
            "frechet": 1.0,
            "R_train F1": 0.25,
            "warnings": "almost [the] identity",
        },
        {
            "refiner": "a",
            "training.refiner_seed": "0",
            "error": "train refiner: it died:\n    File x\n    killed",
        },
    ],
}


def test_a_row_has_axes_differing_figures_and_scores_with_their_interval():
    assert table_cells(CONTENT) == [
        ["refiner", "training.refiner_seed", "frechet", "F1 R_train"],
        ["c_cp", "0", "12.35", "0.500 [0.400, 0.600]"],
        ["d_s", "0", "1", "0.250"],
        ["a", "0", "", ""],
    ]


def test_scores_are_those_of_the_measure_that_the_table_names():
    rows = [{"loss": "ce", "S PSNR": 24.567, "S PSNR low": 24.0, "S PSNR high": 25.0}]
    content = {"axes": ["loss"], "rows": rows, "measure": {"name": "psnr", "title": "PSNR"}}
    assert table_cells(content) == [["loss", "PSNR S"], ["ce", "24.57 [24.00, 25.00]"]]


def test_what_is_common_what_failed_and_what_is_suspicious_follow_the_table(tmp_path, capsys):
    (tmp_path / "table.json").write_text(json.dumps(CONTENT))
    print_table(tmp_path / "table.json")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["refiner", "training.refiner_seed", "frechet", "F1", "R_train"]
    assert lines[4:] == [
        "refiner d beats refiner c by 0.2 F1.",
        "num heads is 3 at every point",
        "refiner d_s, refiner_seed 0: almost [the] identity",
        "refiner a, refiner_seed 0 failed. train refiner: killed",
    ]

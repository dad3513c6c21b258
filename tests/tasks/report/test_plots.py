from models.judging.measures import F1
from tasks.report.plots import (
    precision_over_recall,
    refiner_distances,
    refiner_losses,
    scores_by_arm,
    validation_scores,
)

LOSSES = [
    {"step": step, "total_steps": 4, "epoch": 0, "learning_rate": 0.1, "cycle_pixel": 0.5} for step in (2, 4)
]
OBSERVATION = {"step": 4, "figures": {"frechet": 3.0, "frechet_unrefined": 9.0}, "warnings": []}


def test_every_loss_has_a_curve_and_nothing_else():
    assert "cycle pixel" in refiner_losses(LOSSES) and "learning" not in refiner_losses(LOSSES)
    assert refiner_losses([])


def test_distances_have_a_curve_where_any_was_taken():
    assert refiner_distances([{"step": 4, "figures": {"checkerboard": 1.0}}]) == ""
    assert "frechet unrefined" in refiner_distances([OBSERVATION])


def test_each_seed_is_a_dot_over_its_arm():
    seeds = [{"seed": 4, "f1": 0.41}, {"seed": 5, "f1": 0.59}]
    scores = [{"arm": "S", "f1": 0.5, "interval": [0.375, 0.75], "seeds": seeds}]
    page = scores_by_arm({"scores": scores})
    assert '"text":["seed 4","seed 5"]' in page and '"y":[0.41,0.59]' in page
    assert '"array":[0.25],"arrayminus":[0.125]' in page and '"range":[0,1]' in page


def test_scores_that_are_no_shares_have_an_axis_of_their_own():
    scores = [{"arm": "S", "psnr": 25.5, "interval": None, "seeds": [{"seed": 4, "psnr": 25.5}]}]
    page = scores_by_arm({"measure": {"name": "psnr", "title": "PSNR"}, "scores": scores})
    assert '"text":"PSNR"' in page and '"range":[0,1]' not in page and '"array":[0.0]' in page


def test_the_seeds_of_an_arm_share_its_colour_and_name():
    history = [{"step": 1, "val_f1": 0.25}]
    page = validation_scores({"S": [history, history], "R": [history]}, F1)
    assert page.count('"legendgroup":"S"') == 2 and page.count('"showlegend":false') == 1
    curve = {"levels": [0.0, 1.0], "precision": [0.75, 0.5]}
    assert '"y":[0.75,0.5]' in precision_over_recall({"S": [curve]})

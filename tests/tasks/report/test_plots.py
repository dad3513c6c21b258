from tasks.report.plots import refiner_distances, refiner_losses

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

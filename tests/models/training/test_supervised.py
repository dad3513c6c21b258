import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.training import supervised
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.loss_log import TrainingDivergedError
from models.training.optimizers import ParameterGroup
from models.training.supervised import Choice, Hooks, evaluate, start_training, train_network, train_step
from models.training.supervised_config import SupervisedConfig
from tests.models.training.toy_segmentation import draw_set, segmentation_task, validate
from tests.models.training.toy_segmentation import losses as toy_losses

TINY = SupervisedConfig(
    steps=12,
    batch_size=4,
    learning_rate=5e-3,
    warmup_steps=3,
    precision="fp32",
    device="cpu",
    report_every_steps=4,
    eval_every_steps=4,
    checkpoint_every_steps=6,
)
TRAIN, VAL = draw_set(10, seed=0), draw_set(6, seed=1)


def run(config: SupervisedConfig, *, seed=5, resume=None, saved=None, reports=None, **changes) -> dict:
    hooks = Hooks(
        ([] if saved is None else saved).append,
        ([] if reports is None else reports).append,
    )
    task = segmentation_task(config, TRAIN, VAL, seed=seed, **changes)
    return train_network(task, config, seed=seed, resume=resume, hooks=hooks)


def file_of(state: dict, path) -> bytes:
    save_checkpoint(path, state)
    return path.read_bytes()


@pytest.mark.parametrize(
    "changes",
    [{}, {"ema_decay": 0.8}, {"ema_decay": 0.8, "precision": "bf16"}, {"schedule": "polynomial"}],
    ids=["plain", "ema", "bf16", "polynomial"],
)
def test_training_in_two_parts_gives_the_bytes_of_training_in_one(tmp_path, changes):
    config = replace(TINY, **changes)
    whole_saves: list[dict] = []
    rest_saves: list[dict] = []
    whole = run(config, saved=whole_saves)
    save_checkpoint(tmp_path / "half.pt", whole_saves[0])
    half = load_checkpoint(tmp_path / "half.pt", kind="toy_segmenter")
    rest = run(config, resume=half, saved=rest_saves)
    assert half["step"] == 6
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")
    assert file_of(rest_saves[-1], tmp_path / "rest.pt") == file_of(whole_saves[-1], tmp_path / "whole.pt")


def remembering(config: SupervisedConfig) -> dict:
    """Fields of a task whose losses weigh a batch by what the last one's loss was, which its memory keeps."""
    memory = {"last": torch.ones(())}

    def losses(network: nn.Module, batch: tuple) -> dict:
        found = toy_losses(network, batch, config)["cross_entropy"]
        weighted = {"cross_entropy": found * memory["last"].clone()}
        memory["last"].copy_(found.detach())
        return weighted

    return {"losses": losses, "memory": memory}


def test_what_losses_remember_is_saved_and_resumed_with_the_rest(tmp_path):
    saves: list[dict] = []
    rest_saves: list[dict] = []
    whole = run(TINY, saved=saves, **remembering(TINY))
    assert [len(each["memories"]) for each in saves] == [1, 1]
    assert saves[0]["memories"][0]["last"] != saves[1]["memories"][0]["last"]
    assert "memories" not in whole
    rest = run(TINY, resume=saves[0], saved=rest_saves, **remembering(TINY))
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")
    assert file_of(rest_saves[-1], tmp_path / "rest.pt") == file_of(saves[-1], tmp_path / "whole.pt")


def test_a_task_that_remembers_nothing_saves_nothing_of_it():
    saves: list[dict] = []
    run(replace(TINY, steps=6), saved=saves)
    assert "memories" not in saves[0]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    first, again, other = (file_of(run(TINY, seed=seed), tmp_path / "state.pt") for seed in (5, 5, 6))
    assert first == again != other


def test_training_leaves_the_callers_random_state_alone():
    before = torch.get_rng_state()
    run(replace(TINY, steps=2))
    assert torch.equal(before, torch.get_rng_state())


def test_dropout_draws_anew_every_step_and_is_off_in_validation():
    config = replace(TINY, steps=1, learning_rate=1e-9)
    training = start_training(segmentation_task(config, TRAIN, VAL, seed=5), config, seed=5)
    batch = training.task.draw(0)
    rows = []
    for training.step in (0, 1, 0):
        rows.append(train_step(training, batch, learning_rate=1e-9)["cross_entropy"].item())
    assert rows[0] == pytest.approx(rows[2], abs=1e-5) and abs(rows[0] - rows[1]) > 1e-3
    first, again = (evaluate(training)["val_cross_entropy"] for _ in range(2))
    assert first == again


def test_history_and_reports_hold_losses_rates_and_validations():
    reports: list[dict] = []
    state = run(TINY, reports=reports)
    noted = [entry for entry in reports if "cross_entropy" in entry or "val_miou" in entry]
    assert state["history"] == noted
    kinds = [(entry["step"], "val_miou" in entry) for entry in noted]
    # the checkpoint at step 6 ends a window, which the next report begins anew
    assert kinds == [(4, False), (4, True), (6, False), (8, False), (8, True), (12, False), (12, True)]
    assert all(entry["total_steps"] == 12 for entry in reports)
    assert noted[0]["learning_rate"] == supervised.learning_rate_at(3, TINY)


def test_a_network_learns_to_tell_ellipses_it_has_not_seen_and_turned_round_it_does_not():
    config = replace(TINY, steps=150, eval_every_steps=50, learning_rate=1e-2, ema_decay=0.9)
    unseen = draw_set(20, seed=2)
    scores = []
    for objective in (supervised.plain_sum, lambda losses: -losses["cross_entropy"]):
        task = segmentation_task(config, TRAIN, VAL, seed=0, objective=objective)
        state = train_network(task, config, seed=0, resume=None, hooks=Hooks())
        network = copy.deepcopy(task.network)
        network.load_state_dict(state["best"]["network"])
        scores.append(validate(network.eval(), unseen, config)["miou"])
    assert scores[0] > 0.85
    assert scores[1] < 0.5


def record_validated(config: SupervisedConfig) -> list[dict]:
    """The start's and every step's validated weights."""
    task = segmentation_task(config, TRAIN, VAL, seed=5)
    seen = [copy.deepcopy(task.network.state_dict())]

    def look(network: nn.Module) -> dict[str, float]:
        seen.append(copy.deepcopy(network.state_dict()))
        return {"miou": float(len(seen))}  # the last one is the best

    state = train_network(replace(task, validate=look), config, seed=5, resume=None, hooks=Hooks())
    for name, value in state["best"]["network"].items():
        assert torch.equal(value, seen[-1][name]), "what is validated is kept"
    return seen


def test_averages_of_weights_and_running_statistics_are_validated_and_kept():
    config = replace(TINY, steps=30, eval_every_steps=1)
    raw = record_validated(config)
    averaged = record_validated(replace(config, ema_decay=0.8))
    expected = {name: value.double().numpy() for name, value in raw[0].items()}
    for step in range(30):
        share = 1 - min(0.8, (1 + step) / (10 + step))
        for name, value in raw[step + 1].items():
            expected[name] = (1 - share) * expected[name] + share * value.double().numpy()
            if name.endswith("num_batches_tracked"):
                expected[name] = value.numpy()
            np.testing.assert_allclose(averaged[step + 1][name].numpy(), expected[name], rtol=1e-4, atol=1e-5)
    statistics = [each["body.1.running_mean"] for each in (raw[-1], averaged[-1])]
    assert not torch.allclose(*statistics, atol=1e-3)


def test_averaging_leaves_the_training_itself_alone():
    saves: list[dict] = []
    for decay in (0.0, 0.8):
        run(replace(TINY, ema_decay=decay), saved=saves)
    plain, averaged = saves[1], saves[3]
    for name, value in plain["network"].items():
        assert torch.equal(value, averaged["network"][name])
    assert "average" not in plain
    assert not torch.equal(averaged["average"]["head.weight"], averaged["network"]["head.weight"])


def scripted(figures: list[float], every: int):
    """A validation that gives these figures in turn; the step is what batch norm has counted."""

    def validate(network: nn.Module) -> dict[str, float]:
        step = int(network.body[1].num_batches_tracked)
        return {"figure": figures[step // every - 1]}

    return validate


SHORT = replace(TINY, steps=20, eval_every_steps=2, checkpoint_every_steps=6, early_stop_after=2)
RISING = [0.5, 0.6, 0.55, 0.6, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]  # an equal one is no better


@pytest.mark.parametrize("ema_decay", [0.0, 0.8])
@pytest.mark.parametrize("is_higher_better", [True, False])
def test_training_ends_when_evaluations_are_no_better_with_the_best_one(is_higher_better, ema_decay):
    figures = RISING if is_higher_better else [-figure for figure in RISING]
    state = run(
        replace(SHORT, ema_decay=ema_decay),
        validate=scripted(figures, 2),
        choice=Choice("figure", is_higher_better),
    )
    assert (state["step"], state["best"]["step"]) == (8, 4)
    assert state["best"]["figure"] == figures[1]
    assert [entry["val_figure"] for entry in state["history"] if "val_figure" in entry] == figures[:4]


def test_without_early_stop_training_goes_on_to_what_is_better_later():
    choice = Choice("figure", is_higher_better=True)
    state = run(replace(SHORT, early_stop_after=None), validate=scripted(RISING, 2), choice=choice)
    assert (state["step"], state["best"]["step"]) == (20, 10)


@pytest.mark.parametrize("checkpoint_every_steps", [6, 8])
def test_a_resumed_training_ends_early_where_the_whole_one_does(tmp_path, checkpoint_every_steps):
    # at step 6 one evaluation was no better; at step 8, the end, two
    config = replace(SHORT, checkpoint_every_steps=checkpoint_every_steps)
    parts = {"validate": scripted(RISING, 2), "choice": Choice("figure", is_higher_better=True)}
    saved: list[dict] = []
    whole = run(config, saved=saved, **parts)
    rest = run(config, resume=saved[0], **parts)
    assert saved[0]["step"] == checkpoint_every_steps
    assert rest["step"] == 8
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")


def test_a_part_of_the_network_learns_at_its_own_rate():
    config = replace(TINY, steps=1, warmup_steps=0, weight_decay=0.0, learning_rate=1e-3)
    task = segmentation_task(config, TRAIN, VAL, seed=5, groups=(ParameterGroup("body.", 0.1),))
    before = copy.deepcopy(task.network.state_dict())
    train_network(task, config, seed=5, resume=None, hooks=Hooks())
    # the first step of Adam moves every weight by the rate, whatever its gradient
    for name, value in task.network.named_parameters():
        moved = (value.detach() - before[name]).abs().max().item()
        assert moved == pytest.approx(1e-3 if name.startswith("head.") else 1e-4, rel=1e-2)


def test_groups_of_weights_are_resumed_bit_for_bit(tmp_path):
    groups, saved = (ParameterGroup("head.", 3.0), ParameterGroup("body.4", 0.0)), []
    whole = run(TINY, saved=saved, groups=groups)
    rest = run(TINY, resume=saved[0], groups=groups)
    assert file_of(rest, tmp_path / "rest.pt") == file_of(whole, tmp_path / "whole.pt")


def test_a_loss_that_is_not_finite_stops_with_its_step(monkeypatch):
    monkeypatch.setattr(
        supervised, "learning_rate_at", lambda step, config: float("nan") if step == 7 else 1e-3
    )
    saved: list[dict] = []
    with pytest.raises(TrainingDivergedError, match="not finite at step 9"):
        run(replace(TINY, eval_every_steps=100), saved=saved)
    assert [state["step"] for state in saved] == [6]


def test_weights_that_are_not_finite_are_never_saved(monkeypatch):
    monkeypatch.setattr(
        supervised, "learning_rate_at", lambda step, config: float("nan") if step == 5 else 1e-3
    )
    saved: list[dict] = []
    with pytest.raises(
        TrainingDivergedError, match=r"Weight body\.0\.weight of SmallNetwork is not finite after step 6"
    ):
        run(replace(TINY, eval_every_steps=100), saved=saved)
    assert saved == []


def test_a_choosing_figure_that_is_not_a_number_stops_the_training():
    choice = Choice("figure", is_higher_better=True)
    with pytest.raises(TrainingDivergedError, match="validation's figure is not a number after step 4"):
        run(TINY, validate=lambda network: {"figure": float("nan")}, choice=choice)


def test_a_perfect_figure_may_be_infinite():
    choice = Choice("psnr", is_higher_better=True)
    state = run(TINY, validate=lambda network: {"psnr": float("inf")}, choice=choice)
    assert state["best"]["step"] == 4


def test_a_state_of_another_run_is_not_resumed():
    saved: list[dict] = []
    finished = run(TINY, saved=saved)
    with pytest.raises(ValueError, match="trained with seed 5, but this run has 6"):
        run(TINY, seed=6, resume=saved[0])
    with pytest.raises(ValueError, match=r"trained with config\.ema_decay 0\.0, but this run has 0\.5"):
        run(replace(TINY, ema_decay=0.5), resume=saved[0])
    with pytest.raises(ValueError, match="finished model"):
        run(TINY, resume=finished)
    with pytest.raises(ValueError, match="'toy_segmenter', but 'other' is needed"):
        run(TINY, resume=saved[0], kind="other")


def test_a_finished_state_has_the_tasks_facts_and_nothing_to_go_on_from():
    saved: list[dict] = []
    state = run(TINY, saved=saved, facts={"classes": ["ground", "ellipse"]})
    assert list(state) == ["kind", "config", "seed", "classes", "step", "best", "history"]
    assert list(saved[0]) == [*state, "network", "optimizers"]
    assert state["best"].keys() == {"step", "miou", "cross_entropy", "network"}


def test_processes_that_nobody_started_are_refused():
    with pytest.raises(ValueError, match="processes is 2, but 1 were started"):
        run(replace(TINY, processes=2))

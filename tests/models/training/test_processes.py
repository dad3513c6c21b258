import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.processes import Processes, _take_gpu
from models.translation import steps
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.monitoring.config import MonitoringConfig
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.training import Hooks, train_refiner
from tests.models.translation.toy_domains import domains_of

ROOT = Path(__file__).parents[3]
# float32 and no flips: one process with a batch of 2 and two with a batch of 1 differ in rounding only
CONFIG = CycleganConfig(
    generator=GeneratorConfig(filters=4, blocks=1),
    discriminator=DiscriminatorConfig(filters=4),
    losses=CycleganLosses(identity_pixel=1.0),
    epochs=None,
    steps=4,
    batch_size=2,
    pool_images=0,
    flip_probability=0.0,
    precision="fp32",
    device="cpu",
    report_every_steps=2,
    checkpoint_every_steps=2,
)


def train(folder: Path, config: CycleganConfig, *, resume: Path | None = None) -> dict:
    rng = np.random.default_rng(0)
    crops = [rng.integers(0, 256, (6, 32, 32, 3), dtype=np.uint8) for _ in range(2)]
    state = load_checkpoint(resume, kind="refiner") if resume else None
    hooks = Hooks(
        lambda saved: save_checkpoint(folder / f"{saved['step']}.pt", saved),
        lambda entry: None,
        lambda observation: None,
    )
    return train_refiner(config, domains_of(*crops), seed=3, resume=state, hooks=hooks)


TWO = replace(CONFIG, processes=2, batch_size=1)
WITH_BATCH_NORM = replace(CONFIG, generator=GeneratorConfig(filters=4, blocks=1, norm="batch"), ema_decay=0.5)
CONFIGS = {
    "plain": TWO,
    "batch norm": replace(WITH_BATCH_NORM, processes=2, batch_size=1),
    "pools": replace(TWO, pool_images=1),
    # looked at between two reports, and after the loss is no longer finite
    "diverging": replace(
        TWO,
        steps=12,
        report_every_steps=20,
        checkpoint_every_steps=4,
        monitoring=MonitoringConfig(every_steps=7),
    ),
}


def run_two(folder: Path, name: str, *, resume: Path | None = None) -> Path:
    """Train in two processes; the first one keeps the result, whose path is returned."""
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    work = [
        "-m",
        "tests.models.training.test_processes",
        str(folder),
        name,
        *([str(resume)] if resume else []),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command, *work], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return folder / "result.pt"


def test_two_processes_train_as_one_with_twice_the_batch(tmp_path):
    alone = train(tmp_path, CONFIG)
    together = load_checkpoint(run_two(tmp_path, "plain"), kind="refiner")
    for name, weight in alone["networks"].items():
        if "convolution.bias" in name and ".layers.0." not in name:
            continue  # a norm removes it: its gradient is rounding alone, and Adam makes steps of any gradient
        torch.testing.assert_close(together["networks"][name], weight, rtol=1e-3, atol=2e-5)
    losses = [entry["cycle_pixel"] for entry in alone["history"]]
    assert [entry["cycle_pixel"] for entry in together["history"]] == pytest.approx(losses, rel=1e-4)


def test_two_processes_take_the_statistics_of_batch_norm_over_both_batches(tmp_path):
    alone = train(tmp_path, WITH_BATCH_NORM)
    together = load_checkpoint(run_two(tmp_path, "batch norm"), kind="refiner")
    kept = {name: value for name, value in alone["networks"].items() if "running" in name}
    assert len(kept) > 10 and not torch.equal(kept["a_to_b.encoder.2.running_var"], torch.ones(4))
    for name, value in kept.items():
        torch.testing.assert_close(together["networks"][name], value, rtol=2e-3, atol=1e-4)
        torch.testing.assert_close(together["average"][name], alone["average"][name], rtol=2e-3, atol=1e-4)
    losses = [entry["cycle_pixel"] for entry in alone["history"]]
    assert [entry["cycle_pixel"] for entry in together["history"]] == pytest.approx(losses, rel=1e-3)


def test_two_processes_go_on_from_a_state_with_a_pool_each_bit_for_bit(tmp_path):
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    whole.mkdir()
    resumed.mkdir()
    at_once = run_two(whole, "pools")
    assert run_two(resumed, "pools", resume=whole / "2.pt").read_bytes() == at_once.read_bytes()
    pools = load_checkpoint(whole / "2.pt", kind="refiner")["pools"]
    assert not torch.equal(pools[0]["fake_b"], pools[1]["fake_b"])


def test_all_processes_stop_at_a_loss_that_is_not_finite_with_the_last_good_state(tmp_path):
    state = load_checkpoint(run_two(tmp_path, "diverging"), kind="refiner")
    assert state["step"] == 4 and "not finite at step" in state["stopped"]


def test_processes_that_nobody_started_are_refused(tmp_path):
    with pytest.raises(ValueError, match="processes is 2, but 1 were started"):
        train(tmp_path, replace(CONFIG, processes=2))


def test_a_gpu_that_is_not_there_is_said_in_a_line():
    with pytest.raises(ValueError, match=r"no GPU for process 2 of this host; set processes to 1\."):
        _take_gpu(1, 1)


def test_a_process_alone_averages_nothing():
    weight = torch.ones(2, requires_grad=True)
    weight.grad = torch.tensor([1.0, 3.0])
    Processes().average_gradients([weight])
    assert weight.grad.tolist() == [1, 3]
    assert Processes().gather("pools") == ["pools"]


if __name__ == "__main__":
    place, name = Path(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(1)
    if name == "diverging":
        steps.learning_rate_at = lambda step, **known: 1e30 if step > 3 else 2e-4  # type: ignore[assignment]
    result = train(place, CONFIGS[name], resume=Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    if torch.distributed.get_rank() == 0:
        save_checkpoint(place / "result.pt", result)

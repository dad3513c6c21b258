import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.augmentation.config import IGNORE_LABEL
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.supervised import Choice, Hooks, train_network
from models.training.supervised_config import SupervisedConfig
from tests.models.training.toy_segmentation import LabelledSet, draw_batch, draw_set, segmentation_task

ROOT = Path(__file__).parents[3]
ONE = SupervisedConfig(
    steps=8,
    batch_size=2,
    warmup_steps=0,
    ema_decay=0.5,
    early_stop_after=2,
    precision="fp32",
    device="cpu",
    report_every_steps=2,
    eval_every_steps=2,
    checkpoint_every_steps=2,
)
TWO = replace(ONE, processes=2, batch_size=1)


def train(folder: Path, config: SupervisedConfig, *, resume: Path | None = None) -> dict:
    """Neither batch norm nor dropout: one process with a batch of 2 and two with a batch of 1 differ in rounding only.

    Each evaluation looks worse than the one before; in the second process, which is not to be asked, better.
    """
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))
    data = draw_set(6, seed=0)
    state = load_checkpoint(resume, kind="toy_segmenter") if resume else None
    evaluations = [None] * (state["step"] // config.eval_every_steps if state else 0)

    def worse_each_time(network: nn.Module) -> dict[str, float]:
        evaluations.append(None)
        is_first = os.environ.get("RANK", "0") == "0"
        return {"figure": float(len(evaluations) if is_first else -len(evaluations))}

    seen = torch.zeros((), dtype=torch.float64)

    def losses(network: nn.Module, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        seen.add_(batch[0].sum())
        return {"cross_entropy": even_loss(network, *batch)}

    task = segmentation_task(
        config,
        data,
        data,
        seed=3,
        network=network,
        draw=lambda number: draw_image_by_image(data, config, number),
        losses=losses,
        memory={"seen": seen},
        validate=worse_each_time,
        choice=Choice("figure", is_higher_better=False),
    )
    hooks = Hooks(lambda saved: save_checkpoint(folder / f"{saved['step']}.pt", saved))
    return train_network(task, config, seed=3, resume=state, hooks=hooks)


def even_loss(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Every image weighs alike, however much of it is ignored: the mean of two batches is that of both as one."""
    total = functional.cross_entropy(network(images), labels, ignore_index=IGNORE_LABEL, reduction="sum")
    return total / labels.numel()


def draw_image_by_image(data: LabelledSet, config: SupervisedConfig, number: int) -> tuple[Tensor, Tensor]:
    """Image n of all is the same in batches of one and of two."""
    single = replace(config, batch_size=1)
    parts = range(number * config.batch_size, (number + 1) * config.batch_size)
    images, labels = zip(*(draw_batch(data, single, seed=3, number=part) for part in parts), strict=True)
    return torch.cat(images), torch.cat(labels)


def run_two(folder: Path) -> None:
    """Train in two processes, at once and again from step 4 on; the first one keeps both results in `folder`."""
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [sys.executable, *command, "-m", "tests.models.training.test_supervised_processes", str(folder)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def test_two_processes_train_as_one_with_twice_the_batch_and_end_early_together(tmp_path):
    alone = train(tmp_path / "alone", ONE)
    run_two(tmp_path)
    together = load_checkpoint(tmp_path / "whole.pt", kind="toy_segmenter")
    assert alone["step"] == together["step"] == 6
    assert alone["best"]["step"] == together["best"]["step"] == 2
    for name, weight in alone["best"]["network"].items():
        torch.testing.assert_close(together["best"]["network"][name], weight, rtol=1e-3, atol=2e-5)
    for one, two in zip(alone["history"], together["history"], strict=True):
        assert two == pytest.approx(one, rel=1e-4)
    assert (tmp_path / "rest.pt").read_bytes() == (tmp_path / "whole.pt").read_bytes()
    # Each process remembers its own six batches, also the second training, which began with the fifth.
    memories = load_checkpoint(tmp_path / "6.pt", kind="toy_segmenter")["memories"]
    batches = [draw_image_by_image(draw_set(6, seed=0), TWO, number)[0].sum().item() for number in range(12)]
    found = [each["seen"].item() for each in memories]
    assert found == pytest.approx([sum(batches[0::2]), sum(batches[1::2])], rel=1e-6)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    torch.set_num_threads(1)
    whole = train(place, TWO)
    torch.distributed.barrier()  # the first one has saved
    rest = train(place, TWO, resume=place / "4.pt")
    if torch.distributed.get_rank() == 0:
        save_checkpoint(place / "whole.pt", whole)
        save_checkpoint(place / "rest.pt", rest)

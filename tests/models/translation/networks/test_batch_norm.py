"""Batch norm over two processes, each with half of a batch, against torch's own with the whole batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, distributed, nn

from models.translation.networks.norms import BatchNorm

ROOT = Path(__file__).parents[4]


def values(*, dtype: torch.dtype = torch.float64) -> Tensor:
    return (
        torch.randn(4, 3, 5, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3 + 1
    ).to(dtype)


def prepared(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, 1.0, 2.0]))
        norm.bias.copy_(torch.tensor([0.0, 1.0, -1.0]))
    return norm


def passes(norm: nn.BatchNorm2d, images: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Outputs, gradients and statistics of two passes, whose loss is a mean over the batch."""
    images.requires_grad_()
    for _ in range(2):
        output = norm(images)
    (output * targets).square().mean().backward()
    assert images.grad is not None and norm.weight.grad is not None and norm.bias.grad is not None
    found = {
        "output": output.detach(),
        "images": images.grad,
        "weight": norm.weight.grad,
        "bias": norm.bias.grad,
    }
    return found | {name: value.clone() for name, value in norm.named_buffers()}


def targets() -> Tensor:
    return torch.randn(4, 3, 5, 6, generator=torch.Generator().manual_seed(1))


def test_two_processes_norm_as_one_with_both_batches(tmp_path):
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    work = ["-m", "tests.models.translation.networks.test_batch_norm", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *command, *work],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    parts = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2)]
    whole = passes(prepared(nn.BatchNorm2d(3)), values(dtype=torch.float32), targets())
    for name in ("output", "images"):
        # a process's loss is the mean over its half: twice the gradient of the mean over both
        factor = 2 if name == "images" else 1
        torch.testing.assert_close(torch.cat([part[name] for part in parts]), factor * whole[name])
    for name in ("weight", "bias"):  # the training averages them over the processes
        torch.testing.assert_close((parts[0][name] + parts[1][name]) / 2, whole[name], rtol=1e-4, atol=1e-6)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        assert torch.equal(parts[0][name], parts[1][name])
        torch.testing.assert_close(parts[0][name], whole[name])


@pytest.mark.parametrize("is_training", [True, False])
def test_a_process_alone_norms_as_torch_does(is_training):
    ours, theirs = (prepared(norm).train(is_training) for norm in (BatchNorm(3), nn.BatchNorm2d(3)))
    images = values(dtype=torch.float32)
    assert torch.equal(ours(images), theirs(images))
    assert torch.equal(ours.running_var, theirs.running_var)


if __name__ == "__main__":
    distributed.init_process_group("gloo")
    rank = distributed.get_rank()
    mine = slice(2 * rank, 2 * rank + 2)
    result = passes(prepared(BatchNorm(3)), values(dtype=torch.float32)[mine], targets()[mine])
    torch.save(result, Path(sys.argv[1]) / f"{rank}.pt")

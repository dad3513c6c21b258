"""Several processes that train one model, one on each GPU, started by torchrun: what each must know and share.

Every process draws its own part of a step's batch; gradients and logged losses are averaged over all, so that their
weights never differ.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Processes:
    """This process's number and how many there are."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process saves and reports."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Replace every gradient by its mean over all processes."""
        if self.count > 1:
            self._average([weight.grad for weight in parameters if weight.grad is not None])

    def average_losses(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        """The mean of each loss, a scalar, over all processes, so that all of them stop at the same step.

        Without their graphs, whose nodes a CUDA graph could not be recorded beside.
        """
        means = [loss.detach() for loss in losses.values()]
        if self.count > 1:
            means = [mean.float().clone() for mean in means]
            self._average(means)
        return dict(zip(losses, means, strict=True))

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes by rank, in the first process; elsewhere nothing."""
        if self.count == 1:
            return [value]
        gathered: list[Any] | None = [None] * self.count if self.is_first else None
        distributed.gather_object(value, gathered)
        return gathered or []

    def ask_first(self, question: Callable[[], Answer]) -> Answer:
        """What the first process answers, in all of them; only it is asked."""
        if self.count == 1:
            return question()
        answer: list[Any] = [question() if self.is_first else None]
        distributed.broadcast_object_list(answer)
        return answer[0]

    def _average(self, tensors: list[Tensor]) -> None:
        """In place, by one message."""
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        distributed.all_reduce(flat)
        flat /= self.count
        for tensor, mean in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))


def join_processes(device: torch.device) -> Processes:
    """Meet the others that torchrun started; a process that it did not start is alone.

    On CUDA each process takes the GPU of its own number; ValueError where there is none of that number.
    """
    if "LOCAL_RANK" not in os.environ:
        return Processes()
    if device.type == "cuda":
        _take_gpu(int(os.environ["LOCAL_RANK"]), torch.cuda.device_count())
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Processes(distributed.get_rank(), distributed.get_world_size())


def _take_gpu(number: int, num_gpus: int) -> None:
    if number >= num_gpus:
        raise ValueError(
            f"There is no GPU for process {number + 1} of this host; set processes to {num_gpus}."
        )
    torch.cuda.set_device(number)

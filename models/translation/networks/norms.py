"""Norms that are right where torch's own are not: in every memory format, and over several processes."""

import torch
from torch import Tensor, distributed, nn


class InstanceNorm(nn.InstanceNorm2d):
    """Instance norm without affine (Table 2.2).

    On the CPU torch 2.15 computes a wrong gradient for a batch of one whose incoming gradient is channels_last, as
    that of picked patches is; so it is given a contiguous one.
    """

    def forward(self, input: Tensor) -> Tensor:
        output = super().forward(input)
        if output.requires_grad and not output.is_cuda:
            output.register_hook(Tensor.contiguous)
        return output


class BatchNorm(nn.BatchNorm2d):
    """Batch norm over the batches of all processes, which are equally large: each trains as one with all of them would.

    torch's SyncBatchNorm does the same on GPUs alone.
    """

    def forward(self, input: Tensor) -> Tensor:
        count = distributed.get_world_size() if distributed.is_initialized() else 1
        if count == 1 or not self.training:
            return super().forward(input)
        values = input.float()
        mean = _mean_over_processes(values.mean((0, 2, 3)), count)
        centred = values - mean[:, None, None]
        variance = _mean_over_processes(centred.square().mean((0, 2, 3)), count)
        self._follow(mean.detach(), variance.detach(), num_values=count * input[:, 0].numel())
        normed = centred * torch.rsqrt(variance + self.eps)[:, None, None]
        return (normed * self.weight[:, None, None] + self.bias[:, None, None]).to(input.dtype)

    def _follow(self, mean: Tensor, variance: Tensor, *, num_values: int) -> None:
        """The running statistics as torch keeps them: of the variance the unbiased one."""
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        assert self.num_batches_tracked is not None
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * num_values / (num_values - 1), self.momentum)
            self.num_batches_tracked += 1


class _SumOverProcesses(torch.autograd.Function):
    """Each process's loss depends on all summands: the gradients of all are summed too."""

    @staticmethod
    def forward(ctx: object, value: Tensor) -> Tensor:
        total = value.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return _sum_over_processes(gradient)


def _sum_over_processes(value: Tensor) -> Tensor:
    total = _SumOverProcesses.apply(value)
    assert isinstance(total, Tensor)
    return total


def _mean_over_processes(value: Tensor, count: int) -> Tensor:
    return _sum_over_processes(value) / count

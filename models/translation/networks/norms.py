"""Instance norm whose gradient is right in every memory format."""

from torch import Tensor, nn


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

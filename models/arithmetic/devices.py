"""Where and how precisely a network runs; chosen explicitly by the caller, never probed at import."""

import torch
from torch import Tensor, nn

from models.arithmetic.winograd import use_winograd
from models.configs import Arithmetic, DeviceName


def choose_device(name: DeviceName) -> torch.device:
    """The device that `name` stands for; `auto` is CUDA where there is one. ValueError if CUDA is asked for
    in vain.
    """
    has_cuda = torch.cuda.is_available()
    if name == "cuda" and not has_cuda:
        raise ValueError("device is cuda, but torch finds no CUDA device here; use device: auto or cpu.")
    return torch.device("cuda" if has_cuda and name != "cpu" else "cpu")


def send(value: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on `device`; a GPU fetches it when it gets there, and the host goes on at once."""
    return value.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else value.to(device)


def quicken(network: nn.Module, device: torch.device, precision: Arithmetic) -> None:
    """Give the network the convolutions that are quickest here; its weights, and what they are called, stay.

    With AVX-512, oneDNN's direct convolutions are as quick as Winograd's.
    """
    if device.type == "cpu" and precision == "fp32" and torch.backends.cpu.get_cpu_capability() == "AVX2":
        use_winograd(network)


def autocast(device: torch.device, precision: Arithmetic) -> torch.autocast:
    """A context in which convolutions run in `precision`; weights and optimiser state stay float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")

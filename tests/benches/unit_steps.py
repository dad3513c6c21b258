"""What a training step of UNIT costs beside a plain one of the same networks; `python -m tests.benches.unit_steps` prints
the figures as JSON.

CPU-seconds of one thread, so that shared machines compare. The plain step is in float32 and asks for one image a time,
decodes the shared block for each decoder, judges real and generated images apart, and has an optimiser that is not fused.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.arithmetic.precision import describe_processor, settle
from models.training.processes import Processes
from models.translation.domains import ImageShapes
from models.translation.families.family import Values
from models.translation.families.unit import UNIT, build_networks
from models.translation.families.unit_config import UnitConfig
from models.translation.graphs import choose_runner
from models.translation.loading import LoadedDomains, load_domains
from models.translation.starting import start_training
from models.translation.steps import draw_step
from tests.models.translation.toy_domains import domains_of

FULL = UnitConfig(epochs=None, steps=1000)
SIZE_PX = 128
_TURNS, _GPU_STEPS = 3, 100
_ASKED = 0.85  # of the plain step


def main() -> None:
    torch.set_num_threads(1)
    machine = {"processor": describe_processor(), "precision": settle("auto", "cpu")}
    figures = unit_figures()
    if torch.cuda.is_available():
        figures |= unit_gpu_figures()
    print(json.dumps(machine | {name: round(value, 4) for name, value in figures.items()}))


def unit_figures() -> dict[str, float]:
    """Our step, in the machine's precision and in float32, and the plain one, in turns, so that a busy machine slows all
    alike; the least counts.
    """
    cpu = torch.device("cpu")
    runs = {
        "unit_step_cpu_s": _our_step(replace(FULL, device="cpu")),
        "unit_step_fp32_cpu_s": _our_step(replace(FULL, device="cpu", precision="fp32")),
        "unit_plain_step_cpu_s": _plain_step(replace(FULL, device="cpu"), cpu),
    }
    for run in runs.values():
        run(0)
    turns = [{name: _cpu_s(run, turn) for name, run in runs.items()} for turn in range(1, 1 + _TURNS)]
    figures = {name: min(turn[name] for turn in turns) for name in runs}
    plain = figures["unit_plain_step_cpu_s"]
    return figures | {
        "unit_step_ratio": figures["unit_step_cpu_s"] / plain,
        "unit_step_fp32_ratio": figures["unit_step_fp32_cpu_s"] / plain,
        "unit_step_ratio_asked": _ASKED,
    }


def unit_gpu_figures() -> dict[str, float]:
    """Milliseconds of a graphed step and of the plain one."""
    config = replace(FULL, device="cuda")
    runs = {
        "unit_gpu_step_ms": _our_step(config),
        "unit_gpu_plain_step_ms": _plain_step(config, torch.device("cuda")),
    }
    return {name: _gpu_ms(run) for name, run in runs.items()}


class PlainUnit:
    """UNIT's step as its paper writes it down."""

    def __init__(self, config: UnitConfig, device: torch.device) -> None:
        self.config = config
        self.nets = build_networks(config).to(device)
        self.judges = nn.ModuleDict({domain: self.nets[f"discriminator_{domain}"] for domain in "ab"})
        parts = UNIT.generators(self.nets), self.judges
        self.optimizers = [
            torch.optim.Adam(part.parameters(), lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4)
            for part in parts
        ]

    def step(self, batch: Values) -> None:
        self.judges.requires_grad_(False)
        fakes, losses = {}, []
        for domain, other in (("a", "b"), ("b", "a")):
            fakes[other], loss = self._journey(domain, other, batch)
            losses.append(loss)
        self._descend(0, torch.stack(losses).sum())
        self.judges.requires_grad_(True)
        judged = [
            self._judge(domain, image, is_real)
            for domain in "ab"
            for image, is_real in ((batch[f"real_{domain}"], 1.0), (fakes[domain].detach(), 0.0))
        ]
        self._descend(1, torch.stack(judged).sum())

    def _journey(self, domain: str, other: str, batch: Values) -> tuple[Tensor, Tensor]:
        weights, real = self.config.losses, batch[f"real_{domain}"]
        code = self._encode(domain, real)
        noisy = code + batch[f"noise_{domain}"]
        own, fake = self._decode(domain, noisy), self._decode(other, noisy)
        cycle_code = self._encode(other, fake)
        back = self._decode(domain, cycle_code + batch[f"noise_cycle_{domain}"])
        loss = weights.adversarial * self._judge(other, fake, 1.0)
        loss = loss + weights.self_reconstruction_pixel * (own - real).abs().mean()
        loss = loss + weights.cycle_pixel * (back - real).abs().mean()
        return fake, loss + weights.kl * code.square().mean() + weights.cycle_kl * cycle_code.square().mean()

    def _encode(self, domain: str, image: Tensor) -> Tensor:
        return self.nets["shared_encoder"](self.nets[f"encoder_{domain}"](image))

    def _decode(self, domain: str, code: Tensor) -> Tensor:
        return self.nets[f"decoder_{domain}"](self.nets["shared_decoder"](code))

    def _judge(self, domain: str, image: Tensor, is_real: float) -> Tensor:
        losses = [
            functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, is_real))
            for scores in self.judges[domain](image)
        ]
        return torch.stack(losses).sum()

    def _descend(self, side: int, loss: Tensor) -> None:
        self.optimizers[side].zero_grad()
        loss.backward()
        self.optimizers[side].step()


def _our_step(config: UnitConfig) -> Callable[[int], None]:
    """A step as training runs it, its batch's drawing included."""
    shapes = ImageShapes((SIZE_PX, SIZE_PX))
    training = start_training(config, None, seed=0, shapes=shapes, processes=Processes())
    domains, run_step = _domains(config), choose_runner(torch.device(config.device))

    def run(step: int) -> None:
        run_step(training.learners, draw_step(domains, config, UNIT, seed=0, step=step), "free")

    return run


def _plain_step(config: UnitConfig, device: torch.device) -> Callable[[int], None]:
    plain, domains = PlainUnit(config, device), _domains(config)
    return lambda step: plain.step(draw_step(domains, config, UNIT, seed=0, step=step))


def _domains(config: UnitConfig) -> LoadedDomains:
    images = np.random.default_rng(0).integers(0, 256, (16, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    return load_domains(
        domains_of(images, images[::-1].copy()), config, UNIT.needs(config), torch.device(config.device)
    )


def _cpu_s(run: Callable[[int], None], step: int) -> float:
    started = time.process_time()
    run(step)
    return time.process_time() - started


def _gpu_ms(run: Callable[[int], None]) -> float:
    for step in range(10):
        run(step)
    torch.cuda.synchronize()
    started = time.monotonic()
    for step in range(10, 10 + _GPU_STEPS):
        run(step)
    torch.cuda.synchronize()
    return (time.monotonic() - started) / _GPU_STEPS * 1000


if __name__ == "__main__":
    main()

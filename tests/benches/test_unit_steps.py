"""The plain step of UNIT that ours is timed against does the same work."""

from dataclasses import replace

import torch

from models.training.processes import Processes
from models.translation.domains import ImageShapes
from models.translation.families.unit import UNIT
from models.translation.networks.configs import UnitDiscriminatorConfig, UnitGeneratorConfig
from models.translation.starting import start_training
from models.translation.steps import draw_step
from models.translation.updating import train_step
from tests.benches.unit_steps import FULL, SIZE_PX, PlainUnit, _domains

CONFIG = replace(
    FULL,
    generator=UnitGeneratorConfig(filters=4, blocks=1, dropout=0.0),
    discriminator=UnitDiscriminatorConfig(filters=4),
    precision="fp32",
    device="cpu",
)


def test_both_steps_have_the_same_gradients_of_generators_and_discriminators():
    shapes = ImageShapes((SIZE_PX, SIZE_PX))
    learners = start_training(CONFIG, None, seed=0, shapes=shapes, processes=Processes()).learners
    plain = PlainUnit(CONFIG, torch.device("cpu"))
    with torch.no_grad():  # at 4 filters N(0, 0.02) leaves next to nothing of the signal
        for weight in learners.networks.parameters():
            weight.mul_(5)
    plain.nets.load_state_dict(learners.networks.state_dict())
    batch = draw_step(_domains(CONFIG), CONFIG, UNIT, seed=0, step=0)
    plain.step(batch)
    train_step(learners, batch, "free")
    ours, theirs = (
        {name: weight.grad for name, weight in networks.named_parameters()}
        for networks in (learners.networks, plain.nets)
    )
    largest = max(gradient.norm() for gradient in theirs.values())
    for name, gradient in theirs.items():  # biases that a norm removes again have rounding for gradients
        assert (ours[name] - gradient).norm() <= 1e-3 * gradient.norm() + 1e-6 * largest, name

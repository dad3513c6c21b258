from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from models import costs
from models.costs import detector_seconds, generator_operations, refiner_seconds, unit_operations
from models.detection.config import SQUEEZEDETS, DetectorConfig
from models.detection.weights import build_network
from models.translation.domains import ImageShapes
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.unit import UNIT
from models.translation.families.unit_config import UnitConfig
from models.translation.networks.configs import GeneratorConfig, UnitGeneratorConfig
from models.translation.networks.generators import ResnetGenerator


@pytest.mark.parametrize("network", ["squeezedet", "ssdlite320_mobilenet_v3_large", "fcos"])
def test_operations_of_a_detector_are_those_that_torch_counts(network):
    built = build_network(DetectorConfig(network=network)).eval()
    image = torch.zeros(3, 96, 128)
    if network not in SQUEEZEDETS:
        built.transform = GeneralizedRCNNTransform(96, 128, [0.0] * 3, [1.0] * 3, size_divisible=1)
    counted = count(lambda: built(image[None] if network in SQUEEZEDETS else [image]))
    assert costs._OPERATIONS_PER_PIXEL[network] == pytest.approx(counted / (96 * 128), rel=0.1)


@pytest.mark.parametrize(
    "config",
    [
        GeneratorConfig(filters=16, blocks=3),
        GeneratorConfig(filters=16, blocks=3, upsampling="resize"),
        GeneratorConfig(filters=8, blocks=2, downsamplings=0),
    ],
)
def test_operations_of_a_generator_are_those_that_torch_counts(config):
    counted = count(lambda: ResnetGenerator(config)(torch.zeros(1, 3, 64, 64)))
    assert generator_operations(config, 64) == pytest.approx(counted, rel=0.06)


def test_operations_of_a_step_of_unit_are_those_that_torch_counts():
    config = UnitConfig(generator=UnitGeneratorConfig(filters=8, blocks=2))
    networks = UNIT.build_networks(config)
    batch = {name: torch.zeros(1, 3, 64, 64) for name in ("real_a", "real_b")}
    batch |= {draw.name: torch.zeros(draw.shape) for draw in UNIT.draws(config, ImageShapes((64, 64)))}
    counted = count(lambda: UNIT.translate(networks, batch, config))
    assert unit_operations(config.generator, 64) == counted
    # 4 images' worth of operations x 1.1 x 3 / 70e9, and 0.04 s, a step
    seconds = refiner_seconds(
        replace(config, steps=10, epochs=None, precision="fp32"), num_crops=5, size_px=64
    )
    assert seconds == pytest.approx(10 * (counted * 3.3 / 70e9 + 0.04))


def test_a_training_costs_more_with_more_steps_pixels_and_passes():
    detector = DetectorConfig(steps=100, precision="fp32")
    seconds = detector_seconds(detector, width_px=448, height_px=336)
    # 8 x 448 x 336 pixels x 21,000 operations x 3 / 70e9 a second: 1.08 s, and 0.04 s, a step
    assert seconds == pytest.approx(112, rel=0.02)
    refiner = CycleganConfig(epochs=2, precision="fp32")
    plain = refiner_seconds(refiner, num_crops=50, size_px=128)
    # 4 passes x 24.8e9 operations x 1.1 x 3 / 70e9: 4.7 s a step
    assert plain == pytest.approx(100 * 4.7, rel=0.05)
    identity = CycleganConfig(epochs=2, precision="fp32", losses=CycleganLosses(target_identity_pixel=5.0))
    assert refiner_seconds(identity, num_crops=50, size_px=128) == pytest.approx(1.5 * plain, rel=0.02)


def count(run) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        run()
    return counter.get_total_flops()

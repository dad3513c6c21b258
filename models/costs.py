"""About what a training costs on a CPU, known before it starts: floating-point operations by a processor's usual rate.

Good to a factor of two, which is enough to tell minutes from days.
"""

from models.configs import Arithmetic
from models.detection.config import DetectorConfig, NetworkName
from models.translation.config import RefinerConfig
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.one_way_config import OneWayConfig
from models.translation.families.unit_config import UnitConfig
from models.translation.networks.configs import GeneratorConfig, UnitGeneratorConfig

# Of one forward pass, a pixel; torch counts them (tests/models/test_costs.py).
_OPERATIONS_PER_PIXEL: dict[NetworkName, float] = {
    "squeezedet": 21_000,
    "squeezedet_plus": 173_000,
    "ssdlite320_mobilenet_v3_large": 9_800,
    "fasterrcnn_mobilenet_v3_large_320_fpn": 25_000,
    "retinanet": 400_000,
    "fcos": 394_000,
}
# Operations a second of one thread in trainings of ours, measured with AVX2 (108e9 at best) and with AVX512-BF16 (280e9).
_RATES: dict[Arithmetic, float] = {"fp32": 70e9, "bf16": 180e9}
_STEP_OVERHEAD_S = 0.04  # of the many small operations of a step, whatever the size of its images
_WITH_BACKWARD = 3  # a backward pass takes twice the operations of its forward pass
_WITH_DISCRIMINATORS = 1.1


def detector_seconds(config: DetectorConfig, *, width_px: int, height_px: int) -> float:
    """CPU-seconds of one training of a settled `config` on images of this size."""
    pixels = config.batch_size * width_px * height_px
    return config.steps * _step_seconds(pixels * _OPERATIONS_PER_PIXEL[config.network], config.precision)


def refiner_seconds(config: RefinerConfig, *, num_crops: int, size_px: int) -> float:
    """CPU-seconds of one training of a settled `config` on `num_crops` square crops of each domain."""
    steps = config.steps or (config.epochs or 0) * (num_crops // config.batch_size)
    operations = config.batch_size * _step_operations(config, size_px)
    return steps * _step_seconds(_WITH_DISCRIMINATORS * operations, config.precision)


def _step_operations(config: RefinerConfig, size_px: int) -> float:
    """Of the forward passes of all generators, for one square image of each domain."""
    if isinstance(config, UnitConfig):
        return unit_operations(config.generator, size_px)
    return _generator_passes(config) * generator_operations(config.generator, size_px)


def _generator_passes(config: CycleganConfig | AgganConfig | OneWayConfig) -> int:
    """How often a step asks a generator for an image."""
    if isinstance(config, OneWayConfig):
        return 1 + int(config.losses.identity_contrast > 0)
    has_target_identity = isinstance(config, CycleganConfig) and any(
        config.losses_of(domain).target_identity_pixel > 0 for domain in "ab"
    )
    return 4 + 2 * int(has_target_identity)


def generator_operations(config: GeneratorConfig, size_px: int) -> float:
    """Floating-point operations of one pass of one square image, those of its convolutions."""
    widths = [config.filters * 2**level for level in range(config.downsamplings + 1)]
    sides = [size_px / 2**level for level in range(config.downsamplings + 1)]
    ends = 2 * 49 * 3 * config.filters * size_px**2
    blocks = config.blocks * 2 * 9 * widths[-1] ** 2 * sides[-1] ** 2
    downs = sum(
        9 * width * wider * side**2 for width, wider, side in zip(widths, widths[1:], sides[1:], strict=False)
    )
    # A fractionally strided convolution multiplies each of its inputs once, as its counterpart does its outputs.
    ups = downs * (4 if config.upsampling == "resize" else 1)
    return 2 * (ends + blocks + downs + ups)


def unit_operations(config: UnitGeneratorConfig, size_px: int) -> float:
    """Floating-point operations of a step's forward passes, those of the convolutions: of each domain two encodings
    and three decodings, of which the shared blocks see two.
    """
    filters = config.filters
    first, last = 49 * 3 * filters * size_px**2, 3 * filters * size_px**2
    halvings = 9 * 2 * filters**2 * (size_px / 2) ** 2 + 9 * 8 * filters**2 * (size_px / 4) ** 2
    block = 2 * 9 * config.code_channels**2 * (size_px / 4) ** 2
    encodings = 2 * (first + halvings + (config.blocks + 1) * block)
    decodings = 3 * (halvings + config.blocks * block + last) + 2 * block
    return 2 * 2 * (encodings + decodings)


def _step_seconds(operations: float, precision: str) -> float:
    assert precision != "auto", "a configuration is settled before its cost is asked for"
    return _WITH_BACKWARD * operations / _RATES["bf16" if precision == "bf16" else "fp32"] + _STEP_OVERHEAD_S

"""About what a training costs on a CPU, known before it starts: floating-point operations by a processor's usual rate.

Good to a factor of two, which is enough to tell minutes from days.
"""

from models.configs import Arithmetic
from models.detection.config import DetectorConfig, NetworkName
from models.translation.config import RefinerConfig
from models.translation.networks.configs import GeneratorConfig

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
    if config.family == "one_way":
        passes = 1 + int(config.has_term("identity_contrast"))
    else:
        passes = 4 + 2 * int(config.has_term("target_identity_pixel"))
    operations = config.batch_size * passes * generator_operations(config.generator, size_px)
    return steps * _step_seconds(_WITH_DISCRIMINATORS * operations, config.precision)


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


def _step_seconds(operations: float, precision: str) -> float:
    assert precision != "auto", "a configuration is settled before its cost is asked for"
    return _WITH_BACKWARD * operations / _RATES["bf16" if precision == "bf16" else "fp32"] + _STEP_OVERHEAD_S

"""Says before a run starts what its trainings will cost where that is hours, or where bfloat16 is emulated, and where a
refiner's is too short to be worth anything.
"""

import math
from collections.abc import Iterator, Sequence

from flows.people.config import PeopleConfig
from models.arithmetic.precision import describe_processor, is_emulated, is_gpu
from models.costs import detector_seconds, refiner_seconds
from models.detection.config import DetectorConfig
from models.translation.config import RefinerConfig
from models.translation.schedules import count_steps, steps_per_epoch
from tasks.datasets.annotations import AnnotatedImage

_LONG_S = 3600.0
_FEW_UPDATES = 500  # of a refiner; on 14 real crops 84 left dark smears, 392 blue-violet glows on dark cloth


def find_slow_trainings(config: PeopleConfig, train: Sequence[AnnotatedImage] | None) -> Iterator[str]:
    """A line for each; `train` are the images of R_train, None where the stand-in site is still to be made."""
    if config.compute.trainings == "gpu":
        return
    yield from _emulated(config)
    detector, detection = config.detector.settled(), config.detection
    seconds = detector_seconds(
        detector, width_px=detection.input_width_px, height_px=detection.input_height_px
    )
    if seconds > _LONG_S and not is_gpu(detector.device):
        count = len(config.arms) * config.training.detector_seeds
        yield _say(f"each of {count} trainings of a detector", seconds, "detector.steps")
    if isinstance(config.refiner, RefinerConfig) and not is_gpu(config.refiner.device):
        num_crops = _count_people(config, train)
        seconds = refiner_seconds(config.refiner.settled(), num_crops=num_crops, size_px=config.crops.size_px)
        if seconds > _LONG_S:
            yield _say("the training of the refiner", seconds, "refiner.epochs or refiner.steps")


def find_short_refiner(config: PeopleConfig, train: Sequence[AnnotatedImage]) -> Iterator[str]:
    """A line where `epochs`, passes over the smaller set, come to few updates: few real crops make short epochs."""
    refiner = config.refiner
    is_wanted = any(part.partition(":")[0] == "S+" for arm in config.arms for part in arm)
    if not is_wanted or not isinstance(refiner, RefinerConfig) or refiner.epochs is None:
        return
    num_crops = _count_people(config, train)
    updates = count_steps(refiner, num_images=num_crops)
    if updates < _FEW_UPDATES:
        enough = math.ceil(_FEW_UPDATES / steps_per_epoch(refiner, num_images=num_crops))
        yield (
            f"the refiner will make {updates} updates: refiner.epochs is {refiner.epochs}, each a pass over the smaller "
            f"set, some {num_crops} real crops. Fewer than {_FEW_UPDATES} have left smears and glows: set refiner.epochs "
            f"to {enough} or more, or refiner.epochs to null and refiner.steps"
        )


def _emulated(config: PeopleConfig) -> Iterator[str]:
    trainings: dict[str, DetectorConfig | RefinerConfig] = {"detector": config.detector}
    if isinstance(config.refiner, RefinerConfig):
        trainings["refiner"] = config.refiner
    for name, training in trainings.items():
        if is_emulated(training.settled().precision, training.device):
            yield (
                f"{name}.precision is bf16, which this processor emulates: a convolution takes up to 88 times as long as "
                "in fp32; leave it out, or set auto"
            )


def _say(what: str, seconds: float, lower: str) -> str:
    return (
        f"{what} will take about {seconds / 3600:.0f} h on this processor ({describe_processor()}): the configuration "
        f"is for a GPU; run it where there is one, or lower {lower}"
    )


def _count_people(config: PeopleConfig, train: Sequence[AnnotatedImage] | None) -> int:
    """About how many real crops the refiner will see: those of its smaller set, in all likelihood."""
    if train is not None:
        return sum(max(len(image.boxes("person")), len(image.boxes("head"))) for image in train)
    assert config.sample_site is not None
    people = config.sample_site.settings.num_people
    return round(2 * config.sample_site.photos_per_camera_and_time * sum(people) / 2)

"""The trainings of an arm, with what they start from: a segmenter of an earlier run is its file from here on."""

from dataclasses import replace

from flows.segment.config import SegmentConfig
from models.configs import OF_RUN, WeightsFile, is_of_run
from models.segmentation.config import SegmentationConfig
from tasks.training.segmenter_training import TRAINABLE, SegmenterRun


def training_runs(config: SegmentConfig, arm: str) -> list[SegmenterRun]:
    """One a seed. ValueError for weights of a run that has no such segmenter, or that is this run itself."""
    segmenter = config.segmenter_of(arm)
    _refuse_itself(config.name, segmenter)
    first, *others = config.training.each_seed()
    run = SegmenterRun(segmenter=segmenter, seed=first, threads=config.training.threads)
    run = TRAINABLE.with_networks_of_runs(run, config.store_place)
    return [run, *(replace(run, seed=seed) for seed in others)]


def _refuse_itself(name: str, segmenter: SegmentationConfig) -> None:
    """Begun again after an interruption, such a run would go on from what it had trained itself."""
    weights = segmenter.weights
    if is_of_run(weights) and weights.removeprefix(OF_RUN).partition("/")[0] == name:
        raise ValueError(
            f"segmenter.weights is {weights!r}, but that is the name of this run; give this run another name"
        )


def check_start(run: SegmenterRun) -> None:
    """ValueError for a file of weights that is not there, or is of another network."""
    TRAINABLE.weights_files(run)
    if not isinstance(run.segmenter.weights, WeightsFile):
        return
    from models.segmentation.networks.registry import build_network
    from models.segmentation.weights import load_start

    try:
        load_start(build_network(run.segmenter), run.segmenter)
    except ValueError as error:
        raise ValueError(f"segmenter.weights: {error}") from None

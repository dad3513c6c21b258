"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

from pathlib import Path

from flows.run_config import RunConfig
from tasks.backgrounds import list_backgrounds
from tasks.detector_training import start_weights
from tasks.real_images import plan_splits


def check_inputs(config: RunConfig) -> None:
    """ValueError in one line for a site, photo, annotation, split or weights file that cannot be used."""
    start_weights(config.detector)
    if config.site is not None and config.real_images is not None:
        list_backgrounds(Path(config.site))
        plan_splits(config.real_images, Path(), Path(config.site))

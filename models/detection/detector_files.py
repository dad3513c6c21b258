"""Reads a finished detector from any file that holds one: a training's state, or packed start weights."""

from pathlib import Path

from models.detection import people_synthetic
from models.training.checkpoints import State, load_tensors, require_kind


def load_detector_file(path: Path) -> State:
    """The state of a detector, whose `target` is known of packed weights alone. ValueError where the file holds none."""
    state = load_tensors(path)
    if isinstance(state, dict) and state.get("kind") == people_synthetic.KIND:
        return people_synthetic.load_as_detector(path)
    require_kind(state, "detector")
    return state

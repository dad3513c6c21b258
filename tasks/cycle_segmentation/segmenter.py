"""Step: takes the segmenter out of a trained cycle, so that it is used as any other."""

from pathlib import Path

from tasks.building.steps import step
from tasks.formats.segmenters import KEY
from tasks.training.in_a_child import write_result


@step("segmenter", libraries=("torch", "torchvision", "numpy"))
def take_segmenter(out: Path, config: None, cycle: Path) -> None:
    """`segmenter.pt`, `history.json` and `history.csv`, as a training of a segmenter leaves them."""
    from models.cycle_segmentation.training import segmenter_state
    from models.training.checkpoints import load_checkpoint

    state = load_checkpoint(cycle / "cycle_segmenter.pt", kind="cycle_segmenter")
    write_result(out, "segmenter", segmenter_state(state) | {KEY: state[KEY]})

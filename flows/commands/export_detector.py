"""`python -m flows export-detector ...`: a trained detector as one ONNX file."""

from pathlib import Path

from flows.commands.detector_choice import ChosenDetector, choose_detector
from tasks.artifacts.opening import StorePlace


def export_detector(place: StorePlace, model: str, to: Path) -> int:
    """Write `model`, as `choose_detector` has it, to the file `to`, with all that stands around its network."""
    if to.suffix != ".onnx":
        raise ValueError(f"--to must be a file that ends in .onnx, but was {to}")
    chosen = choose_detector(place, model)
    # Importing torch takes seconds.
    from models.detection.onnx_export import export_onnx
    from models.training.checkpoints import load_checkpoint

    state = load_checkpoint(chosen.path, kind="detector")
    to.parent.mkdir(parents=True, exist_ok=True)
    export_onnx(state, to, notes=_notes(chosen))
    height, width = state["image_hw"]
    what = f"boxes of {chosen.target or 'unnamed objects'} in images of {width} x {height} px"
    megabytes = to.stat().st_size / 1e6
    print(f"{to}: {what}, from score {state['best']['threshold']:.3f} on, {megabytes:.1f} MB")
    return 0


def _notes(chosen: ChosenDetector) -> dict[str, object]:
    """What the store knows beside the checkpoint."""
    notes = {"artifact": chosen.key, "classes": None if chosen.target is None else [chosen.target]}
    return {name: value for name, value in notes.items() if value is not None}

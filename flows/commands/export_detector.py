"""`python -m flows export-detector ...`: a trained detector as one ONNX file."""

from pathlib import Path

from flows.commands.detector_choice import choose_detector
from tasks.artifacts.opening import StorePlace


def export_detector(place: StorePlace, model: str, to: Path) -> int:
    """Write `model`, as `choose_detector` has it, to the file `to`, with all that stands around its network."""
    if to.suffix != ".onnx":
        raise ValueError(f"--to must be a file that ends in .onnx, but was {to}")
    chosen = choose_detector(place, model)
    # Importing torch takes seconds.
    from models.detection.detector_files import load_detector_file
    from models.detection.onnx_export import export_onnx

    state = load_detector_file(chosen.path)
    to.parent.mkdir(parents=True, exist_ok=True)
    target = chosen.target or state.get("target")
    export_onnx(state, to, notes=_notes(chosen.key, target))
    height, width = state["image_hw"]
    what = f"boxes of {target or 'unnamed objects'} in images of {width} x {height} px"
    megabytes = to.stat().st_size / 1e6
    print(f"{to}: {what}, from score {state['best']['threshold']:.3f} on, {megabytes:.1f} MB")
    return 0


def _notes(key: str | None, target: str | None) -> dict[str, object]:
    """What is known beside the checkpoint."""
    notes = {"artifact": key, "classes": None if target is None else [target]}
    return {name: value for name, value in notes.items() if value is not None}

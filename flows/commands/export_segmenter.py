"""`python -m flows export-segmenter ...`: a trained segmenter as one ONNX file."""

from pathlib import Path

from flows.commands.network_choice import choose_network
from tasks.artifacts.opening import StorePlace
from tasks.formats.segmenters import KEY, read_trained_on


def export_segmenter(place: StorePlace, model: str, to: Path) -> int:
    """Write `model`, as `choose_network` has it, to the file `to`, for images of the size that it was trained on."""
    if to.suffix != ".onnx":
        raise ValueError(f"--to must be a file that ends in .onnx, but was {to}")
    chosen = choose_network(place, model, kind="segmenter")
    # Importing torch takes seconds.
    from models.segmentation.onnx_export import export_onnx
    from models.training.checkpoints import load_checkpoint

    state = load_checkpoint(chosen.path, kind="segmenter")
    seen = read_trained_on(state, num_classes=state["config"]["num_classes"], image_hw=state["image_hw"])
    notes: dict[str, object] = {"classes": seen.classes.class_names(), KEY: seen.model_dump(mode="json")}
    if chosen.key is not None:
        notes["artifact"] = chosen.key
    to.parent.mkdir(parents=True, exist_ok=True)
    export_onnx(state, to, notes=notes, image_hw=(seen.height_px, seen.width_px))
    what = f"{seen.classes.num_classes} classes in images of {seen.width_px} x {seen.height_px} px"
    print(f"{to}: {what}, {to.stat().st_size / 1e6:.1f} MB")
    return 0

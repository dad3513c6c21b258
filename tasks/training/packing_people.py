"""Packs a detector of rendered people as start weights, with a card that says what they have seen and reached."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.formats.detection_sets import read_set

WEIGHTS, SETTINGS, CARD = (f"people_synthetic.{ending}" for ending in ("pt", "json", "md"))


class CardConfig(BaseModel):
    """What the card tells of the data beside what the sets hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rooms_seed: int
    render_seed: int
    target: str


@step("people-synthetic", libraries=("torch",))
def pack_people(out: Path, config: CardConfig, detector: Path, train: Path, held_out: Path) -> None:
    """`people_synthetic.pt`, `people_synthetic.json` with what they need to find people, and their card `.md`."""
    # Importing torch takes seconds: only a run that packs weights pays for it.
    from models.detection.people_synthetic import describe, pack
    from models.training.checkpoints import load_checkpoint, save_checkpoint

    state = load_checkpoint(detector / "detector.pt", kind="detector")
    save_checkpoint(out / WEIGHTS, pack(state))
    settings = json.dumps(describe(state, target=config.target), indent=1)
    (out / SETTINGS).write_text(settings, encoding="utf-8")
    (out / CARD).write_text(
        write_card(config, state, count_set(train), count_set(held_out)), encoding="utf-8"
    )


def count_set(folder: Path) -> dict[str, int]:
    """Rooms, images and boxes of a prepared set, and its images' size in pixels."""
    pixels, records = read_set(folder)
    boxes = sum(len(record.boxes_xyxy) for record in records)
    rooms = len({record.clip for record in records})
    return {
        "rooms": rooms,
        "images": len(records),
        "boxes": boxes,
        "width": pixels.shape[2],
        "height": pixels.shape[1],
    }


def write_card(
    config: CardConfig, state: dict[str, Any], train: dict[str, int], held_out: dict[str, int]
) -> str:
    """The model card as markdown."""
    best, settings = state["best"], state["config"]
    lines = [
        "# people_synthetic: start weights that have seen rendered people only",
        "",
        "SqueezeDet with batch norm, trained by `make pretrain` on images that this project rendered: people of its own",
        "over photos of random furnished rooms, which are rendered too. No real image was seen, no other weights were",
        "used. As start weights: `detector.weights: people_synthetic` with `detector.has_batch_norm: true`; the last",
        "layer is bound to anchors and classes and starts at random. As a detector: `flows detect people_synthetic PHOTOS`,",
        f"by the anchors, input size and threshold in `{SETTINGS}`. Licence: as the project.",
        "",
        "| | training | held out |",
        "|---|---|---|",
        f"| rooms | {train['rooms']} | {held_out['rooms']} |",
        f"| images | {train['images']} | {held_out['images']} |",
        f"| boxes ({config.target}) | {train['boxes']} | {held_out['boxes']} |",
        f"| size | {train['width']}x{train['height']} px | {held_out['width']}x{held_out['height']} px |",
        "",
        f"After {best['step']} of {settings['steps']} steps of {settings['batch_size']} images, on the held-out rooms: "
        f"F1 {best['f1']:.3f} (precision {best['precision']:.3f}, recall {best['recall']:.3f}, IoU 0.5), "
        f"AP50 {best['average_precision']:.3f}. Checkpoint and threshold ({best['threshold']:.3f}, that of the best",
        "F1) were chosen on these rooms, so the figures flatter a little. Seeds: rooms "
        f"{config.rooms_seed}, scenes {config.render_seed}, training {state['seed']}.",
        "",
        "Not measured: how the weights do on real photos. Biases: people, clothes and poses are those of the renderer",
        "(all dressed, all adults); rooms are offices and the like; cameras hang from ceilings.",
        "",
        "```json",
        json.dumps({"detector": settings, "started_from": state["start_weights"]}, indent=1),
        "```",
        "",
    ]
    return "\n".join(lines)

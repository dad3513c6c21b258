"""Steps: masks of soiling by a trained VAE: new ones of annotated ones, and a walk among them (seed 000, section 3.1)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from PIL import Image
from pydantic import Field

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.formats.level_masks import masks_of_levels
from tasks.formats.soiling_masks import read_masks, write_masks
from tasks.images.files import write_png

if TYPE_CHECKING:
    from models.soiling.mask_vae.coding import MaskCoder


class MaskDrawingConfig(AppliedNetworkConfig):
    """How masks are made."""

    count: int = Field(default=200, ge=1)  # of new masks
    # mix: codes between those of two annotated masks, as the seed does; sample: codes from the standard normal
    way: Literal["mix", "sample"] = "mix"
    # of mix: the second code is one of so many nearest to the first, "close on the manifold"; null: any other
    neighbours: int | None = Field(default=5, ge=1)
    smoothing_px: float = Field(default=4.0, ge=0)  # over annotated masks, as the VAE was trained with
    steepness: float = Field(default=1.0, ge=1)  # of edges, as `steepen` has it
    seed: int = Field(default=0, ge=0)  # another one makes other masks


class MaskWalkConfig(AppliedNetworkConfig):
    """A closed walk from mask to mask: soiling that moves, as drops in rain."""

    stops: int = Field(default=5, ge=3)  # annotated masks, through which it goes
    frames_between: int = Field(default=12, ge=1)  # from one stop to the next
    frames_per_second: int = Field(default=12, ge=1, le=60)
    smoothing_px: float = Field(default=4.0, ge=0)  # as above
    steepness: float = Field(default=1.0, ge=1)  # as above
    seed: int = Field(default=0, ge=0)  # another one has other stops


@step("soiling-masks", libraries=("torch", "numpy"))
def draw_masks(
    out: Path, config: MaskDrawingConfig, mask_vae: Path, annotated: Path, further: list[Path]
) -> None:
    """`masks.npy`, float32 [count, s, s], and `figures.json`: `new_share` of them that are like no annotated mask."""
    from models.soiling.mask_iou import new_share
    from models.soiling.mask_vae.coding import decode, draw_codes, encode, mix_codes
    from models.soiling.masks import steepen

    coder = _load(config, mask_vae)
    known = _known(coder, annotated, further, config.smoothing_px)
    if config.way == "mix":
        codes = encode(coder, known)
        drawn = mix_codes(codes, count=config.count, seed=config.seed, neighbours=config.neighbours)
    else:
        drawn = draw_codes(coder, count=config.count, seed=config.seed)
    masks = steepen(decode(coder, drawn, batch_size=config.batch_size), config.steepness)
    if not masks.any():
        raise ValueError("the VAE made clear masks alone; train it longer, or take way: mix")
    write_masks(out, masks)
    figures = {"new_share": new_share(masks, known), "soiled_share": float((masks >= 0.5).mean())}
    (out / "figures.json").write_text(json.dumps(figures), encoding="utf-8")


@step("soiling-walk", libraries=("torch", "numpy", "pillow", "opencv-python-headless"))
def walk_masks(
    out: Path, config: MaskWalkConfig, mask_vae: Path, annotated: Path, further: list[Path]
) -> None:
    """`masks.npy`, float32 [stops x frames_between, s, s], the same as frames/*.png, as `walk.gif` and as `walk.mp4`."""
    from models.soiling.mask_vae.coding import decode, encode, walk
    from models.soiling.masks import steepen

    coder = _load(config, mask_vae)
    known = _known(coder, annotated, further, config.smoothing_px)
    if len(known) < config.stops:
        raise ValueError(
            f"a walk of {config.stops} stops needs as many masks, but {len(known)} are annotated"
        )
    chosen = np.random.default_rng(config.seed).permutation(len(known))[: config.stops]
    codes = walk(encode(coder, known[chosen]), frames_between=config.frames_between)
    masks = steepen(decode(coder, codes, batch_size=config.batch_size), config.steepness)
    write_masks(out, masks)
    frames = list(np.rint(masks * 255).astype(np.uint8))
    for number, frame in enumerate(frames):
        write_png(out / "frames" / f"{number:04d}.png", frame)
    write_gif(out / "walk.gif", frames, config.frames_per_second)
    _write_video(out / "walk.mp4", frames, config.frames_per_second)


def write_gif(path: Path, frames: list[np.ndarray], frames_per_second: int) -> None:
    """uint8 [h, w] or [h, w, 3], over and over."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=round(1000 / frames_per_second), loop=0)


def _write_video(path: Path, frames: list[np.ndarray], frames_per_second: int) -> None:
    height, width = frames[0].shape
    code = cv2.VideoWriter.fourcc(*"mp4v")
    video = cv2.VideoWriter(str(path), code, frames_per_second, (width, height))
    assert video.isOpened(), "OpenCV comes with this codec"
    for frame in frames:
        video.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    video.release()


def _load(config: AppliedNetworkConfig, mask_vae: Path) -> "MaskCoder":
    import torch

    from models.soiling.mask_vae.coding import load_mask_coder
    from models.training.checkpoints import load_checkpoint

    torch.set_num_threads(config.threads)
    state = load_checkpoint(mask_vae / "mask_vae.pt", kind="mask_vae")
    return load_mask_coder(state, device=config.device, precision=config.precision)


def _known(coder: "MaskCoder", annotated: Path, further: list[Path], smoothing_px: float) -> np.ndarray:
    """The masks that have soiling, float32 [n, s, s]: of annotated images, and further ones of the VAE's size."""
    size = (coder.config.size_px, coder.config.size_px)
    masks = masks_of_levels(annotated, size, smoothing_px=smoothing_px)
    masks = np.concatenate([masks, *(read_masks(folder) for folder in further)])
    soiled = masks[masks.any(axis=(1, 2))]
    if len(soiled) == 0:
        raise ValueError("no image is annotated with soiling, of which new masks could be made")
    return soiled

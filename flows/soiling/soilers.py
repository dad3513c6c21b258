"""The networks that soil images, trained at a quarter of width and height, and the sets that they make."""

from dataclasses import dataclass, field, replace
from typing import Any

from flows.pipelines.journey import Start
from flows.soiling.arms import DIRTY_GANS, WAYS, Way
from flows.soiling.config import SoilingRun
from flows.soiling.segmenters import first_run, train
from tasks.journeys import soiling as steps
from tasks.soiling.generating import BaselineSoilingConfig, DirtyGanSoilingConfig
from tasks.soiling.learned_masks import MaskDrawingConfig, MaskWalkConfig
from tasks.soiling.stand_in import StandInMasksConfig, StandInSetConfig
from tasks.training.dirty_gan_training import DirtyGanRun
from tasks.training.mask_vae_training import MaskVaeRun
from tasks.training.super_resolution_training import SuperResolutionRun
from tasks.training.translator_runs import RefinerRun
from tasks.training.translator_training import TRAINABLE as TRANSLATOR

_FURTHER_SPLIT = 5  # masks to learn from for each to validate by
Splits = dict[str, Any]  # train, val and test


@dataclass(frozen=True)
class Soilers:
    """By each way the inputs of the step that soils; at most one VAE, `masks` and `walk`."""

    by_way: dict[str, dict[str, Any]] = field(default_factory=dict)
    mask_vae: list[Any] = field(default_factory=list)
    masks: list[Any] = field(default_factory=list)
    walk: list[Any] = field(default_factory=list)

    @property
    def networks(self) -> dict[str, Any]:
        """Those whose figures on R_val are told."""
        shared = {"mask_vae": self.mask_vae[0]} if self.mask_vae else {}
        for inputs in self.by_way.values():
            shared = {"super_resolution": inputs["super_resolution"], **shared}
        return shared | {way: self.by_way[way]["dirty_gan"] for way in DIRTY_GANS if way in self.by_way}


def train_soilers(config: SoilingRun, clean: Splits, real: Splits, start: Start) -> Soilers:
    """U and M at a quarter of the size, and beside them what the ways of soiling need."""
    ways = [way for way in WAYS if way in config.ways()]
    if not ways:
        return Soilers()
    small = {
        name: {split: _reduce(sets[split], f"{name} R_{split}", start) for split in ("train", "val")}
        for name, sets in (("clean", clean), ("soiled", real))
    }
    shared = {"super_resolution": _train_super_resolution(config, clean, start)}
    guide = _train_guide(config, small["soiled"], start)
    found = Soilers()
    if "baseline" in ways:
        own = {"translator": _train_translator(config, small, start), "segmenter": guide}
        found = replace(found, by_way={"baseline": own | shared})
    if any(way in DIRTY_GANS for way in ways):
        vae, masks, walk = _make_masks(config, real, start)
        gans = {
            way: {"masks": masks, "dirty_gan": _train_dirty_gan(config, way, small, (masks, guide), start)}
            for way in DIRTY_GANS
            if way in ways
        }
        dirty = {way: own | shared for way, own in gans.items()}
        found = Soilers(found.by_way | dirty, mask_vae=[vae], masks=[masks], walk=[walk])
    return found


def soil(config: SoilingRun, soilers: Soilers, way: str, images: tuple[str, Any], start: Start) -> Any:
    """A split (its name and its set) soiled by `way`, with levels as label maps."""
    split, clean = images
    label, threads = f"R_{split} soiled by {way}", config.training.threads
    if way == "stand_in":
        assert config.stand_in is not None, "the form refuses this way without one"
        return start(steps.soil_stand_in, _stand_in(config, split, is_exact=True), clean, label=label)
    if way == "baseline":
        smoothing_px = config.dirty_gan.smoothing_px
        own = BaselineSoilingConfig(smoothing_px=smoothing_px, threads=threads).settled()
        return start(steps.soil_by_baseline, own, label=label, images=clean, **soilers.by_way[way])
    own = DirtyGanSoilingConfig(seed=config.masks.seed, threads=threads).settled()
    return start(steps.soil_by_dirty_gan, own, label=label, images=clean, **soilers.by_way[way])


def draw_real(config: SoilingRun, clean: Splits, start: Start) -> Splits:
    """The stand-in for real soiled images: annotated roughly to learn from, exactly to be scored by."""
    return {
        split: start(
            steps.soil_stand_in,
            _stand_in(config, split, is_exact=split == "test"),
            images,
            label=f"stand-in for soiled R_{split}",
        )
        for split, images in clean.items()
    }


def _stand_in(config: SoilingRun, split: str, *, is_exact: bool) -> StandInSetConfig:
    assert config.stand_in is not None
    pattern_of = "image" if split == "test" else config.stand_in.pattern_of
    return StandInSetConfig(
        look=config.stand_in, pattern_of=pattern_of, annotation="exact" if is_exact else "coarse"
    )


def _reduce(images: Any, told: str, start: Start) -> Any:
    return start(steps.reduce_label_maps, images, label=f"a quarter of {told}")


def _train_guide(config: SoilingRun, small: Splits, start: Start) -> Any:
    run = first_run(config, config.guide())
    return train(run, small["train"], small["val"], start, label="train the segmenter that guides")


def _train_super_resolution(config: SoilingRun, clean: Splits, start: Start) -> Any:
    run = SuperResolutionRun(
        super_resolution=config.super_resolution, seed=config.training.seed, threads=config.training.threads
    )
    sets = (clean["train"], clean["val"])
    return start(steps.train_super_resolution, run.settled(), *sets, label="train super resolution")


def _train_translator(config: SoilingRun, small: dict[str, Splits], start: Start) -> Any:
    run = RefinerRun(refiner=config.translator, seed=config.training.seed, threads=config.training.threads)
    weights, run = TRANSLATOR.weights_files(run), TRANSLATOR.without_places(run.settled())
    sets = (small["clean"]["train"], small["soiled"]["train"])
    return start(steps.train_translator, run, *sets, weights, label="train the baseline's CycleGAN")


def _make_masks(config: SoilingRun, real: Splits, start: Start) -> tuple[Any, Any, Any]:
    """The VAE, new masks of the known ones, and a walk among these."""
    own, threads, annotated = config.masks, config.training.threads, real["train"]
    further = {split: _draw_further_masks(config, real, split, start) for split in ("train", "val")}
    run = MaskVaeRun(
        mask_vae=config.mask_vae, smoothing_px=own.smoothing_px, seed=config.training.seed, threads=threads
    )
    sets = {"train": annotated, "val": real["val"]}
    sets |= {f"further_{split}": masks for split, masks in further.items()}
    vae = start(steps.train_mask_vae, run.settled(), label="train VAE of masks", **sets)
    known = {"mask_vae": vae, "annotated": annotated, "further": further["train"]}
    applied: dict[str, Any] = {
        "smoothing_px": own.smoothing_px,
        "steepness": own.steepness,
        "seed": own.seed,
        "threads": threads,
    }
    drawing = MaskDrawingConfig(count=own.count, way=own.way, neighbours=own.neighbours, **applied)
    walking = MaskWalkConfig(stops=own.walk_stops, frames_between=own.walk_frames_between, **applied)
    return (
        vae,
        start(steps.draw_masks, drawing.settled(), label="draw masks", **known),
        start(steps.walk_masks, walking.settled(), label="walk among masks", **known),
    )


def _draw_further_masks(config: SoilingRun, real: Splits, split: str, start: Start) -> list[Any]:
    """Of the stand-in: patterns without images, one set or none."""
    count = 0 if config.stand_in is None else config.stand_in.further_masks
    if config.stand_in is None or count == 0:
        return []
    own = StandInMasksConfig(
        look=config.stand_in,
        count=count if split == "train" else max(1, count // _FURTHER_SPLIT),
        name=split,
        size_px=config.mask_vae.size_px,
        smoothing_px=config.masks.smoothing_px,
    )
    return [start(steps.draw_stand_in_masks, own, real[split], label=f"further masks of R_{split}")]


def _train_dirty_gan(
    config: SoilingRun, way: Way, small: dict[str, Splits], guides: tuple[Any, Any], start: Start
) -> Any:
    """`guides` are the masks to soil by, and M."""
    masks, guide = guides
    gan, training = config.dirty_gan_of(way), config.training
    run = DirtyGanRun(dirty_gan=gan, seed=training.seed, threads=training.threads)
    return start(
        steps.train_dirty_gan,
        run.settled(),
        label="train DirtyGAN" + (", mask multiplied in" if way == "dirty_gan_dot" else ""),
        clean=small["clean"]["train"],
        soiled=small["soiled"]["train"],
        clean_val=small["clean"]["val"],
        soiled_val=small["soiled"]["val"],
        masks=masks,
        segmenter=guide,
    )

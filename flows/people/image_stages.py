"""The stages of the journey up to refined images: which steps are started, in which order, and what goes into them."""

from dataclasses import dataclass, replace
from typing import Any

from flows.people.config import PeopleConfig, TrainedRefiner
from flows.people.place import Place
from flows.pipelines.journey import Start
from tasks.crops.refiner_measuring import MeasuringRun
from tasks.crops.refining import RefiningConfig
from tasks.crops.reinsertion import ReinsertionConfig
from tasks.crops.styling import StylingConfig
from tasks.datasets.leak_check import LeakConfig
from tasks.datasets.splits import RealImagesConfig
from tasks.journeys import people as steps
from tasks.scenes.rendering import RenderConfig, mocap_files, shards
from tasks.training.refiner_training import TRAINABLE as REFINER
from tasks.training.start_weights import weights_file, without_place
from tasks.training.translator_runs import RefinerRun

SAMPLE_REAL_IMAGES = RealImagesConfig(
    annotations="real/annotations.json", images="real/images", split="given"
)


@dataclass(frozen=True)
class Images:
    """Real and synthetic images; what is synthetic shard by shard."""

    real: dict[str, Any]
    leaks: Any
    real_crops: Any
    scenes: list[Any]
    crops: list[Any]
    refiner: Any
    refined_crops: list[Any]
    refined_scenes: list[Any]
    measures: Any


def make_images(config: PeopleConfig, place: Place, body: Any, start: Start) -> Images:
    """From photos to refined scenes."""
    threads, device = config.training.threads, config.refiner.device
    real = import_real_images(config.real_images or SAMPLE_REAL_IMAGES, place, start)
    splits = LeakConfig(splits=tuple(real))
    leaks = start(steps.check_leaks, splits, list(real.values()), label="check leaks")
    rendered = render_backgrounds(config.render, place, body, start)
    scenes = [shard for _, shard in rendered]
    crops = [
        start(steps.extract_crops, config.crops, shard, label=f"crop {name}") for name, shard in rendered
    ]
    real_crops = start(steps.extract_crops, config.crops, real["train"], label="crop R_train")
    refiner = obtain_refiner(config, crops, real_crops, start)
    refined_crops = refine(RefiningConfig(threads=threads, device=device).settled(), crops, refiner, start)
    refined_scenes = reinsert(config.reinsertion, start, scenes=scenes, crops=crops, changed=refined_crops)
    run = MeasuringRun(measuring=config.measuring, threads=threads, device=device)
    parts = {"crops": crops, "refined": refined_crops, "real": real_crops, "refiner": refiner}
    measures = measure(run, start, **parts)
    return Images(real, leaks, real_crops, scenes, crops, refiner, refined_crops, refined_scenes, measures)


def import_real_images(real_images: RealImagesConfig, place: Place, start: Start) -> dict[str, Any]:
    """R_train, R_val and, where there is one, R_test."""
    return {
        split.split: start(steps.import_real_images, split, files, label=f"import R_{split.split}")
        for split, files in place.splits(real_images)
    }


def render_backgrounds(render: RenderConfig, place: Place, body: Any, start: Start) -> list[tuple[str, Any]]:
    """Shards of scenes over every background, with their names: a new background renders only itself."""
    rendered, mocap, parts = [], mocap_files(render), shards(render)
    for background, photo in place.backgrounds:
        imported = start(steps.import_background, background, photo, label=f"background {background.name}")
        for shard in parts:
            name = f"{background.name} {shard.scenes[0]}-{shard.scenes[-1]}"
            scenes = start(steps.render_scenes, shard, imported, body, mocap, label=f"render {name}")
            rendered.append((name, scenes))
    return rendered


def obtain_refiner(config: PeopleConfig, crops: list[Any], real_crops: Any, start: Start) -> Any:
    """The refiner trained on these crops, or the finished one that the configuration names."""
    refiner, training = config.refiner, config.training
    if isinstance(refiner, TrainedRefiner):
        return start(steps.reuse_refiner, refiner.source, config.crops.size_px, label="reuse refiner")
    run = RefinerRun(refiner=refiner, seed=training.refiner_seed, threads=training.threads)
    weights, run = REFINER.weights_files(run), REFINER.without_places(run.settled())
    return start(steps.train_refiner, run, crops, real_crops, weights, label="train refiner")


def refine(refining: RefiningConfig, crops: list[Any], refiner: Any, start: Start) -> list[Any]:
    """cS+, shard by shard."""
    return [
        start(steps.refine_crops, refining, shard, refiner, label=f"refine crops, {name}")
        for name, shard in _named(crops)
    ]


def reinsert(
    reinsertion: ReinsertionConfig,
    start: Start,
    *,
    scenes: list[Any],
    crops: list[Any],
    changed: list[Any],
    label: str = "reinsert",
) -> list[Any]:
    """Scenes with their crops as they were changed, shard by shard."""
    return [
        start(steps.reinsert_crops, reinsertion, *shard, label=f"{label}, {name}")
        for name, shard in _named(list(zip(scenes, crops, changed, strict=True)))
    ]


def style(styling: StylingConfig, reinsertion: ReinsertionConfig, images: Images, start: Start) -> list[Any]:
    """S_style, shard by shard: the people of S in random textures."""
    scenes, crops = images.scenes, images.crops
    styled = [
        start(steps.style_crops, styling, shard, label=f"style crops, {name}")
        for name, shard in _named(crops)
    ]
    return reinsert(reinsertion, start, scenes=scenes, crops=crops, changed=styled, label="reinsert styled")


def measure(run: MeasuringRun, start: Start, **parts: Any) -> Any:
    """How near the refined crops came to the real ones."""
    features = run.measuring.features
    weights = weights_file(features.weights, field="measuring.features.weights")
    named = replace(features, weights=without_place(features.weights))
    run = replace(run, measuring=run.measuring.model_copy(update={"features": named}))
    return start(steps.measure_refiner, run, weights, label="measure refiner", **parts)


def _named(shards: list[Any]) -> list[tuple[str, Any]]:
    return [(f"shard {number} of {len(shards)}", shard) for number, shard in enumerate(shards, start=1)]

"""The translators of a run, and what each makes of labelled days and, where it is asked for, of the nights of R_test."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.night.config import Light, NightRun
from flows.night.image_sets import Sets
from flows.pipelines.journey import Start
from tasks.journeys import night as steps
from tasks.night.translating import TranslationConfig
from tasks.night.translation_figures import TranslationFiguresConfig
from tasks.training.translator_runs import RefinerRun
from tasks.training.translator_training import TRAINABLE


@dataclass(frozen=True)
class Translations:
    """Each by the name of its translator."""

    day: Any  # what was translated
    nights: dict[str, Any] = field(default_factory=dict)
    both: dict[str, Any] = field(default_factory=dict)  # day and night as one set, for training
    vals: dict[str, Any] = field(
        default_factory=dict
    )  # the same of R_val: no real night chooses a checkpoint
    days: dict[str, Any] = field(default_factory=dict)  # R_test, made day
    figures: dict[str, Any] = field(default_factory=dict)
    twins: dict[str, Any] = field(default_factory=dict)  # figures of the same views by night

    def labelled(self, lights: Sequence[Light], translator: str) -> Any:
        """The labelled images of these lights."""
        if set(lights) == {"day"}:
            return self.day
        return self.nights[translator] if set(lights) == {"night"} else self.both[translator]


def translate_sets(config: NightRun, sets: Sets, start: Start) -> Translations:
    """Trains every translator and applies it."""
    made = Translations(day=sets.train)
    for name in config.translators:
        translator = _train(config, name, sets, start)
        apply = _applied(config, name)
        night = start(
            steps.translate_images, apply, sets.train, translator, label=f"translate days to nights, {name}"
        )
        val = start(
            steps.translate_images, apply, sets.val, translator, label=f"translate R_val to night, {name}"
        )
        made.nights[name] = night
        made.both[name] = start(
            steps.join_label_maps, [sets.train, night], label=f"days and their nights, {name}"
        )
        made.vals[name] = start(
            steps.join_label_maps, [sets.val, val], label=f"R_val by day and night, {name}"
        )
        made.figures[name] = _measure(config, name, sets, night, start)
        if sets.twins is not None:
            label = f"compare with twins, {name}"
            made.twins[name] = start(steps.measure_twins, sets.train, night, sets.twins, label=label)
        if config.converted:
            back = apply.model_copy(update={"direction": "b_to_a", "condition": "day"})
            label = f"translate R_test to day, {name}"
            made.days[name] = start(steps.translate_images, back, sets.test, translator, label=label)
    return made


def _train(config: NightRun, name: str, sets: Sets, start: Start) -> Any:
    training = config.training
    run = RefinerRun(refiner=config.translators[name], seed=training.seed, threads=training.threads)
    weights, run = TRAINABLE.weights_files(run), TRAINABLE.without_places(run.settled())
    label = f"train translator {name}"
    return start(steps.train_translator, run, [sets.source], [sets.target], weights, label=label)


def _applied(config: NightRun, name: str) -> TranslationConfig:
    translator = config.translators[name]
    return TranslationConfig(threads=config.training.threads, device=translator.device).settled()


def _measure(config: NightRun, name: str, sets: Sets, night: Any, start: Start) -> Any:
    told = TranslationFiguresConfig(
        features=config.features, threads=config.training.threads, device=config.segmenter.device
    )
    label = f"measure translations, {name}"
    return start(steps.measure_translation, told, sets.train, night, sets.target, label=label)

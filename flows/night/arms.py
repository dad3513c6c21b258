"""The arms of a run by night, one after another: each may go on from the segmenters of those before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flows.night.config import GuessConfig, NightRun
from flows.night.image_sets import Sets
from flows.night.translations import Translations
from flows.pipelines.journey import Start
from tasks.journeys import night as steps
from tasks.journeys import segment as segment_steps
from tasks.segmentation.segmenting import SegmentingConfig
from tasks.training.segmenter_training import TRAINABLE, SegmenterRun
from tasks.training.trained_networks import training_label


@dataclass
class Arms:
    """What was trained so far, arm by arm, seed by seed, and what that says of R_test and of R_test made day."""

    config: NightRun
    sets: Sets
    translations: Translations
    start: Start
    labelled: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)  # of arms that learn from pseudo-labels
    guessed: dict[str, Any] = field(default_factory=dict)  # their pseudo-labels, of the first seed
    segmenters: dict[tuple[str, int], Any] = field(default_factory=dict)
    segmentations: list[Any] = field(default_factory=list)
    converted: list[Any] = field(default_factory=list)

    def train(self, arm: str) -> None:
        """Its segmenters, each from the one of the same seed that it starts from, and what they say."""
        own, name = self.config.arms[arm], self.config.translator_of(arm)
        self.labelled[arm] = self.translations.labelled(own.images, name)
        if own.guess is not None:
            self.choices[arm] = self._choose(arm, own.guess)
        for run in self._runs(arm):
            self.segmenters[arm, run.seed] = self._train_seed(arm, run)
            self._segment(arm, run.seed)

    def _runs(self, arm: str) -> Iterator[SegmenterRun]:
        for seed in self.config.training.each_seed():
            threads = self.config.training.threads
            run = SegmenterRun(segmenter=self.config.segmenter_of(arm), seed=seed, threads=threads)
            yield TRAINABLE.with_networks_of_runs(run, self.config.store_place)

    def _choose(self, arm: str, guess: GuessConfig) -> Any:
        """Of unlabelled nights those like the place where the segmenter is to work; of days those like labelled ones."""
        sets, nights = self.sets, self.translations.nights[self.config.translator_of(arm)]
        candidates = {"source": sets.source, "target": sets.target, "arriving": sets.arriving}[guess.of]
        by_night = nights if sets.like is None else sets.like
        wanted = sets.val if guess.of == "source" else by_night
        return self.start(
            steps.choose_images, guess.choice, candidates, wanted, label=f"choose images for {arm}"
        )

    def _train_seed(self, arm: str, run: SegmenterRun) -> Any:
        before = self.config.arms[arm].start
        weights, settled = TRAINABLE.weights_files(run), TRAINABLE.without_places(run.settled())
        val = self.translations.vals[self.config.translator_of(arm)]
        return self.start(
            segment_steps.train_segmenter,
            settled,
            self.labelled[arm],
            val,
            weights,
            guessed=self._guess(arm, run.seed),
            start=[] if before is None else [self.segmenters[before, run.seed]],
            label=training_label("segmenter", arm, run.seed if self.config.training.seeds > 1 else None),
        )

    def _guess(self, arm: str, seed: int) -> list[Any]:
        guess, by = self.config.arms[arm].guess, self.config.guesser_of(arm)
        if guess is None or by is None:
            return []
        pseudo, label = guess.pseudo.settled(), f"pseudo-label images for {arm} by {by}{self._told(seed)}"
        labeller = self.segmenters[by, seed]
        labelled = self.start(steps.pseudo_label_images, pseudo, labeller, self.choices[arm], label=label)
        self.guessed.setdefault(arm, labelled)
        return [labelled]

    def _segment(self, arm: str, seed: int) -> None:
        config, segmenter = self.config, self.segmenters[arm, seed]
        applied = SegmentingConfig(threads=config.training.threads, device=config.segmenter.device).settled()
        label = f"segment by night with {arm}{self._told(seed)}"
        self.segmentations.append(
            self.start(segment_steps.segment_images, applied, segmenter, self.sets.test, label=label)
        )
        if config.converted:
            made_day = self.translations.days[config.translator_of(arm)]
            label = f"segment nights made day with {arm}{self._told(seed)}"
            self.converted.append(
                self.start(segment_steps.segment_images, applied, segmenter, made_day, label=label)
            )

    def _told(self, seed: int) -> str:
        return f", seed {seed}" if self.config.training.seeds > 1 else ""

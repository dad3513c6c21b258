"""What a run through the pipeline `night` depends on: images of day and night, translators, and what is compared."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from flows.configuration.arms import require_different, with_fields
from flows.configuration.run import RunSettings
from flows.segment.config import SegmentTrainingConfig
from models.features.config import FeaturesConfig, require_known_weights
from models.segmentation.config import SegmentationConfig
from tasks.formats.record_patterns import Patterns
from tasks.label_maps.config import LabelMapsConfig
from tasks.night.choosing import ChoiceConfig
from tasks.night.pseudo_labelling import PseudoLabelConfig
from tasks.night.splitting import LightingConfig
from tasks.sites.sample_street import SampleStreetConfig
from tasks.training.refiner_forms import RefinerToTrain
from tasks.training.start_weights import placed
from tasks.training.translator_runs import each_weights

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=60)]
Light = Literal["day", "night"]
START_RATE_FACTOR = 0.1  # of the learning rate of what goes on from another segmenter


class ImagesConfig(BaseModel):
    """Images by their records, or all images of a folder of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # patterns by field (sequence, city, camera, condition, name); empty: all
    where: Patterns = {}
    # a folder instead, all of whose splits are taken
    folder: LabelMapsConfig | None = None

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if self.folder is not None and self.where:
            raise ValueError(
                "where chooses among the images of the run, but folder is given too; leave one out"
            )
        return self


class GuessConfig(BaseModel):
    """Unlabelled images that take part with the labels that a segmenter is sure of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # which unlabelled images: by day, by night, or those by night that keep arriving
    of: Literal["source", "target", "arriving"] = "target"
    # the arm whose segmenter labels; left out: the arm that this one starts from
    by: Name | None = None
    choice: ChoiceConfig = ChoiceConfig()  # which of the images, and how many
    pseudo: PseudoLabelConfig = PseudoLabelConfig()  # how sure the segmenter must be


class NightArmConfig(BaseModel):
    """One segmenter: what it learns from, what it starts from, and what it has otherwise than `segmenter`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # labelled images by day, their translations to night, or both
    images: tuple[Light, ...] = Field(default=("day", "night"), min_length=1)
    translator: Name | None = None  # that made the night; left out: the first
    # another arm, named before it, whose segmenter of the same seed it goes on from, at a tenth of the learning rate
    start: Name | None = None
    # pseudo-labelled images beside the labelled ones; left out: none
    guess: GuessConfig | None = None
    # fields of the segmenter by dotted name, e.g. {losses.pixel: combined}
    set: dict[str, Any] = {}


class NightRun(RunSettings):
    """Everything that a run through the pipeline `night` depends on."""

    pipeline: Literal["night"] = "night"  # this pipeline
    # images with a class for every pixel, by day; leave it out to use sample_street
    label_maps: LabelMapsConfig | None = None
    # rendered streets that stand in for a data set, to try the pipeline without any image
    sample_street: SampleStreetConfig | None = None
    # images of R_train whose label maps are used; left out: those by day of the sample street, all of label_maps
    labelled: Patterns | None = None
    # images of R_val on which checkpoints are chosen, with their translations: no real night chooses; left out: likewise
    val: Patterns | None = None
    # images by day that the translator learns from, whose labels are not looked at; left out: the labelled ones
    source: ImagesConfig | None = None
    # images by night, whose labels are not looked at; where: of R_train
    target: ImagesConfig
    # images by night that keep arriving in a folder of their own: arms whose guess.of is arriving label them, and no
    # translator learns from them, so that new ones train no more than those arms. May be watched
    arriving: LabelMapsConfig | None = None
    # images by night of the place where the segmenter is to work, which those of arms.*.guess are to resemble; left out:
    # the translations of the labelled images
    like: ImagesConfig | None = None
    # labelled images that are scored, never learned from; where: of R_test. Left out: the nights of the sample street, all
    # of R_test
    test: ImagesConfig | None = None
    # tell the images that source and target name by their brightness, and take the days of one and the nights of the other
    lighting: LightingConfig | None = None
    # images of R_train that are the same views as the labelled ones by night, in their order, to which translations are
    # compared and which nothing learns from; left out: those of the sample street, none of label_maps
    twins: Patterns | None = None
    # score every arm also on R_test as its translator makes it day (the seed's "Converted")
    converted: bool = False
    # networks from day to night and back, by name; the first is that of arms that name none
    translators: dict[Name, RefinerToTrain] = Field(
        default={"unit": {"family": "unit"}}, min_length=1, validate_default=True
    )
    # network in which distances of translations to the target are measured
    features: FeaturesConfig = FeaturesConfig(network="inception_v3")
    segmenter: SegmentationConfig = SegmentationConfig()  # the network and its training
    # what is compared, by name; the first is the baseline of the others. Names of the seed's table (such as 3.1) have its
    # figures beside ours
    arms: dict[Name, NightArmConfig] = Field(
        default={"1.1": NightArmConfig(images=("day",)), "2.1": NightArmConfig()}, min_length=1
    )
    # pairs of arms that are compared beside each arm with the first and with the one that it starts from
    compare: tuple[tuple[Name, Name], ...] = ()
    training: SegmentTrainingConfig = SegmentTrainingConfig()  # seeds and threads of the trainings

    def settled(self) -> Self:
        settled = {name: translator.settled() for name, translator in self.translators.items()}
        return self.model_copy(update={"translators": settled, "segmenter": self.segmenter.settled()})

    def placed(self, folder: Path) -> Self:
        weights = placed(self.segmenter.weights, folder)
        assert weights != "people_synthetic", "the form of a segmenter has no such weights"
        changed: dict[str, Any] = {
            "segmenter": replace(self.segmenter, weights=weights),
            "translators": {
                name: each_weights(translator, lambda _, weights: placed(weights, folder))
                for name, translator in self.translators.items()
            },
        }
        if self.label_maps is not None:
            changed["label_maps"] = self.label_maps.placed(folder)
        for name in ("source", "target", "like", "test"):
            images = getattr(self, name)
            if images is not None and images.folder is not None:
                changed[name] = images.model_copy(update={"folder": images.folder.placed(folder)})
        if self.arriving is not None:
            changed["arriving"] = self.arriving.placed(folder)
        return self.model_copy(update=changed)

    def labelled_patterns(self) -> Patterns:
        """Of R_train."""
        return self._by_day() if self.labelled is None else self.labelled

    def val_patterns(self) -> Patterns:
        """Of R_val."""
        return self._by_day() if self.val is None else self.val

    def source_images(self) -> ImagesConfig:
        return ImagesConfig(where=self.labelled_patterns()) if self.source is None else self.source

    def test_images(self) -> ImagesConfig:
        if self.test is not None:
            return self.test
        return ImagesConfig(where={} if self.sample_street is None else {"condition": ("night",)})

    def twin_patterns(self) -> Patterns | None:
        """Of R_train; None where there are no twins."""
        if self.twins is not None or self.sample_street is None:
            return self.twins
        return {**self.labelled_patterns(), "condition": ("night",)}

    def folders(self) -> dict[str, LabelMapsConfig]:
        """Beside R_train, R_val and R_test, by the field that names them."""
        found = {name: getattr(self, name) for name in ("source", "target", "like", "test")}
        folders = {
            name: images.folder for name, images in found.items() if images is not None and images.folder
        }
        return folders if self.arriving is None else folders | {"arriving": self.arriving}

    def translator_of(self, arm: str) -> str:
        return self.arms[arm].translator or next(iter(self.translators))

    def guesser_of(self, arm: str) -> str | None:
        """The arm whose segmenter gives this one labels; None where nothing is guessed."""
        own = self.arms[arm]
        return None if own.guess is None else own.guess.by or own.start

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(arm, baseline), each once."""
        first = next(iter(self.arms))
        found = [(arm, first) for arm in self.arms if arm != first]
        found += [(arm, own.start) for arm, own in self.arms.items() if own.start is not None]
        return tuple(dict.fromkeys([*found, *self.compare]))

    def segmenter_of(self, arm: str) -> SegmentationConfig:
        """With what the arm sets, and a lower learning rate where it goes on. ValueError for a field that is none, or its
        value.
        """
        segmenter, own = self.segmenter, self.arms[arm]
        if own.start is not None:
            rate = START_RATE_FACTOR * segmenter.learning_rate
            segmenter = replace(segmenter, learning_rate=rate, weights="none")
        return with_fields(segmenter, own.set, source=f"arms.{arm}.set")

    def _by_day(self) -> Patterns:
        return {} if self.sample_street is None else {"condition": ("day",)}

    @field_validator("features")
    @classmethod
    def _has_known_weights(cls, features: FeaturesConfig) -> FeaturesConfig:
        return require_known_weights(features)

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.label_maps is None) == (self.sample_street is None):
            raise ValueError(
                "exactly one of label_maps (a folder) and sample_street (the stand-in) must be given"
            )
        return self

    @model_validator(mode="after")
    def _arms_stand_on_those_before(self) -> Self:
        before: list[str] = []
        for arm, own in self.arms.items():
            for field, other in (("start", own.start), ("guess.by", self.guesser_of(arm))):
                if other is not None and other not in before:
                    raise ValueError(
                        f"arms.{arm}.{field} is {other!r}, but the arms before it are: {', '.join(before) or 'none'}; "
                        "name one of them, or put it before"
                    )
            if own.guess is not None and self.guesser_of(arm) is None:
                raise ValueError(
                    f"arms.{arm}.guess has no segmenter that could label; set arms.{arm}.start or guess.by to an arm"
                )
            if own.guess is not None and own.guess.of == "arriving" and self.arriving is None:
                raise ValueError(
                    f"arms.{arm}.guess.of is arriving, but no folder of arriving images is named; set arriving: "
                    "{folder: FOLDER, layout: unlabelled}"
                )
            before.append(arm)
        return self

    @model_validator(mode="after")
    def _translators_are_known(self) -> Self:
        for arm, own in self.arms.items():
            if own.translator is not None and own.translator not in self.translators:
                raise ValueError(
                    f"arms.{arm}.translator is {own.translator!r}, but translators are: {', '.join(self.translators)}"
                )
            family = self.translators[self.translator_of(arm)].family
            if self.converted and family == "one_way":
                raise ValueError(
                    f"converted needs a way back from night to day, but translators.{self.translator_of(arm)} is of the "
                    "family one_way; set converted: false, or take unit, cyclegan or aggan"
                )
        return self

    @model_validator(mode="after")
    def _compared_arms_are_known(self) -> Self:
        for first, second in self.compare:
            if first == second or not {first, second} <= set(self.arms):
                raise ValueError(
                    f"compare has {[first, second]}, but must have pairs of different arms: {', '.join(self.arms)}"
                )
        return self

    @model_validator(mode="after")
    def _arms_are_different(self) -> Self:
        require_different(self.arms)
        return self

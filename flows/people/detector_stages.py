"""The stages of the journey from images to evaluated detectors."""

from dataclasses import astuple, dataclass
from typing import Any

from flows.people.config import PeopleConfig
from flows.people.image_stages import Images, style
from flows.pipelines.journey import Start
from tasks.detection.arms import arm_name, pair_arms, parse_part
from tasks.detection.detecting_in_sets import DetectingConfig
from tasks.detection.evaluation import ArmsConfig
from tasks.detection.label_check import LabelCheckRun
from tasks.detection.subsets import SubsetConfig
from tasks.journeys import people as steps
from tasks.training.detector_training import TRAINABLE as DETECTOR
from tasks.training.detector_training import DetectorRun
from tasks.training.trained_networks import training_label


@dataclass(frozen=True)
class Scores:
    """A detector an arm and seed, arm by arm, their detections, the evaluation of all on `test`, and its labels' check."""

    test: Any
    detectors: list[Any]
    detections: list[Any]
    evaluation: Any
    label_check: Any


def score_arms(config: PeopleConfig, images: Images, start: Start) -> Scores:
    """From images to evaluated detectors."""
    sets = prepare_sets(config, images, start)
    test, training = sets.get("test", sets["val"]), config.training
    detecting = DetectingConfig(threads=training.threads, device=config.detector.device).settled()
    detectors, detections = [], []
    for arm in config.arms:
        train, name = [sets[part] for part in arm], arm_name(arm)
        for seed in training.seeds_of_detectors():
            run = DetectorRun(detector=config.detector, seed=seed, threads=training.threads)
            told = seed if training.detector_seeds > 1 else None
            detectors.append(
                train_detector(run, train, sets["val"], start, training_label("detector", name, told))
            )
            label = f"detect with {name}" + ("" if told is None else f", seed {told}")
            detections.append(start(steps.detect_objects, detecting, detectors[-1], test, label=label))
    evaluation = start(steps.evaluate_arms, arms_config(config), detections, test, label="evaluate")
    check = LabelCheckRun(check=config.label_check, split="R_test" if "test" in sets else "R_val")
    labels = start(steps.check_labels, check, detections, test, label="check labels")
    return Scores(test, detectors, detections, evaluation, labels)


def arms_config(config: PeopleConfig) -> ArmsConfig:
    """Which arms are compared, and by which rules."""
    return ArmsConfig(
        evaluation=config.evaluation,
        arms=tuple(arm_name(arm) for arm in config.arms),
        seeds=config.training.seeds_of_detectors(),
        pairs=pair_arms(config.arms),
    )


def prepare_sets(config: PeopleConfig, images: Images, start: Start) -> dict[str, Any]:
    """Every dataset at the detector's input size: the real splits, and the parts of the arms by their names."""
    wanted = sorted({part for arm in config.arms for part in arm})
    datasets = {name: images.real[name] for name in ("val", "test") if name in images.real}
    for name in dict.fromkeys(parse_part(part).name for part in wanted):
        datasets[name] = _gather_part(name, config, images, start)
    sets = {
        name: start(steps.prepare_detection_set, config.detection, dataset, label=f"prepare {name}")
        for name, dataset in datasets.items()
    }
    return sets | {
        part: start(steps.take_subset, SubsetConfig(count=count), sets[name], label=f"take {part}")
        for part in wanted
        for name, count in [astuple(parse_part(part))]
        if count is not None
    }


def _gather_part(name: str, config: PeopleConfig, images: Images, start: Start) -> Any:
    """All images of a part as one dataset."""
    if name == "R_train":
        return images.real["train"]
    shards = {
        "S": lambda: images.scenes,
        "S+": lambda: images.refined_scenes,
        "S_style": lambda: style(config.styling, config.reinsertion, images, start),
    }[name]()
    return start(steps.gather_dataset, shards, label=f"gather {name}")


def train_detector(run: DetectorRun, train: list[Any], val: Any, start: Start, label: str) -> Any:
    """A detector trained on these sets and chosen on `val`."""
    weights, run = DETECTOR.weights_files(run), DETECTOR.without_places(run.settled())
    return start(steps.train_detector, run, train, val, weights, label=label)

from pathlib import Path

import pytest

from flows.people.config import PeopleConfig
from flows.people.run_files import load_run_config
from flows.people.slow_trainings import find_short_refiner, find_slow_trainings
from models.arithmetic import precision
from tasks.datasets.annotations import AnnotatedImage, Annotation

CONFIGS = Path("flows/configs/people")
TRAIN = [AnnotatedImage("a.png", 448, 336, (0, 0), (Annotation("person", (1, 2, 3, 4), 1),) * 5)] * 50


@pytest.fixture(autouse=True)
def processor_without_bf16(monkeypatch):
    monkeypatch.setattr(precision, "has_native_bf16", lambda: False)
    monkeypatch.setattr(precision, "_has_gpu", lambda: False)


def load(name: str, *overrides: str) -> PeopleConfig:
    return load_run_config(CONFIGS / name, list(overrides))


def test_trainings_of_hours_are_named_with_their_cost_and_what_to_do():
    detector, refiner = find_slow_trainings(load("thesis.yaml"), TRAIN)
    assert detector.startswith("each of 12 trainings of a detector will take about 3 h on this processor")
    # 160 epochs of 250 crops, 4 passes of 24.8e9 operations each, and back: 4.7 s a step
    assert refiner.startswith("the training of the refiner will take about 52 h")
    assert detector.endswith("lower detector.steps") and "bf16 emulated" in refiner


@pytest.mark.parametrize("override", ["detector.device=cuda", "compute.trainings=gpu"])
def test_a_training_on_a_gpu_is_not_slow(override):
    lines = list(find_slow_trainings(load("thesis.yaml", override, "refiner.device=cuda"), TRAIN))
    assert lines == []


def test_the_demo_is_not_slow():
    assert list(find_slow_trainings(load("demo.yaml"), None)) == []


def test_bf16_that_is_asked_for_where_it_is_emulated_is_named_with_its_cost():
    lines = list(find_slow_trainings(load("demo.yaml", "refiner.precision=bf16"), None))
    assert len(lines) == 1
    assert (
        lines[0].startswith("refiner.precision is bf16, which this processor emulates") and "88" in lines[0]
    )


@pytest.mark.parametrize(
    "overrides",
    [
        ("refiner.precision=bf16", "detector.precision=bf16", "compute.trainings=gpu"),
        # Of a CPU's ssdlite the precision is fp32 whatever is asked for.
        (
            "detector={network: ssdlite320_mobilenet_v3_large, precision: bf16}",
            "detection.input_width_px=320",
            "detection.input_height_px=320",
        ),
    ],
)
def test_bf16_that_this_processor_does_not_come_to_compute_costs_nothing(overrides):
    assert list(find_slow_trainings(load("demo.yaml", *overrides), None)) == []


def test_few_real_crops_make_a_refiner_that_is_too_short_and_epochs_that_would_do_are_named():
    few = TRAIN[:3]  # 15 crops
    (line,) = find_short_refiner(load("demo.yaml", "refiner.epochs=20"), few)
    assert line.startswith(
        "the refiner will make 300 updates: refiner.epochs is 20, each a pass over the smaller set"
    )
    assert "some 15 real crops" in line and "set refiner.epochs to 34 or more" in line  # 34 x 15 = 510
    assert list(find_short_refiner(load("demo.yaml", "refiner.epochs=34"), few)) == []


@pytest.mark.parametrize(
    "overrides",
    [
        ("refiner.epochs=null", "refiner.steps=100"),
        ("arms=[[R_train], [S]]",),
        ("arms=[[R_train], [S+:5]]", "refiner.epochs=34"),
    ],
)
def test_a_length_in_steps_and_a_refiner_that_no_arm_needs_are_not_too_short(overrides):
    assert list(find_short_refiner(load("demo.yaml", *overrides), TRAIN[:3])) == []

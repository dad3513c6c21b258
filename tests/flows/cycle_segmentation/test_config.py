import pytest

from flows.commands.command_line import main
from flows.pipelines.loading import load_run
from tests.flows.tiny_street import write_tiny_cycle


def refused(tmp_path, capsys, *overrides: str) -> str:
    """The one line of an `explain` that refuses the tiny run."""
    path = write_tiny_cycle(tmp_path)
    options = [item for override in overrides for item in ("--set", override)]
    assert main(["explain", str(path), *options]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_plain_and_weighted_training_are_arms_of_every_run(tmp_path):
    _, config = load_run(write_tiny_cycle(tmp_path), [])
    assert config.all_arms() == ("erfnet", "erfnet_weighted", "none", "gaussian")
    plain, weighted = config.network_of("erfnet"), config.network_of("erfnet_weighted")
    assert plain.cycle is None and plain.class_weights == "none"
    assert weighted.cycle is None and weighted.class_weights == "erfnet"
    assert plain.steps == weighted.steps == config.network_of("none").steps


def test_an_arm_s_noise_is_its_own(tmp_path):
    arms = "arms={q: {noise: {kind: quantization, bits: 3}, set: {cycle.alpha: 0.25}}}"
    _, config = load_run(write_tiny_cycle(tmp_path), [arms])
    cycle = config.network_of("q").cycle
    assert (cycle.noise.kind, cycle.noise.bits, cycle.alpha) == ("quantization", 3, 0.25)
    assert config.network.cycle.noise.kind == "none" and config.network.cycle.alpha == 0.5


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("network.num_classes=19", "has 3 classes; set network.num_classes: 3"),
        ("arms={q: {set: {stepz: 3}}}", "arms.q.set: stepz is not a known field"),
        ("arms={q: {set: {cycle: null}}}", "which is the arm erfnet"),
        ("arms={q: {}, r: {}}", "arms q and r are the same training; remove one"),
        ("arms={erfnet: {}}", "arms.erfnet has the name of an arm that every run has"),
        ("arms={q: {noise: {kind: quantization, bits: 0}}}", "noise.bits must be in 1..16, but was 0"),
        ("arms={q: {snr_of: {kind: quantization}}}", "only gaussian noise has a ratio to be set"),
        ("network.cycle=null", "erfnet is trained in every run"),
        ("label_maps.folder=nowhere", "nowhere"),
        ("partly={images_only: {place: [a]}}", "partly.images_only"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, capsys, override, words):
    line = refused(tmp_path, capsys, override)
    assert line.startswith("error: ") and words in line

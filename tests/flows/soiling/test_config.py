from dataclasses import replace

import pytest

from flows.commands.command_line import main
from flows.pipelines.loading import load_run
from flows.soiling.arms import DIRTY_GANS
from tests.flows.tiny_soiling import write_tiny_soiling


def refused(tmp_path, capsys, *overrides: str) -> str:
    """The one line of an `explain` that refuses the tiny run."""
    path = write_tiny_soiling(tmp_path)
    options = [item for override in overrides for item in ("--set", override)]
    assert main(["explain", str(path), *options]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_the_seed_s_four_trainings_are_the_arms_where_none_are_given(tmp_path):
    _, config = load_run(write_tiny_soiling(tmp_path), [])
    assert list(config.arms) == ["real", "augmented", "baseline", "dirty_gan"]
    real, augmented = config.segmenter_of("real").augmentation, config.segmenter_of("augmented").augmentation
    assert real.photometric is None and real.geometric.flip_probability == 0
    assert augmented.photometric is not None and augmented.geometric.flip_probability == 0.5
    assert config.segmenter_of("dirty_gan") == config.segmenter_of("baseline") == config.segmenter


def test_m_is_the_seed_s_network_where_a_run_file_does_not_say_otherwise(tmp_path):
    from flows.soiling.config import SOILING_SEGMENTER

    assert (SOILING_SEGMENTER.network, SOILING_SEGMENTER.losses.pixel) == ("fcn8_resnet50", "binary")
    photometric = SOILING_SEGMENTER.augmentation.photometric
    assert photometric is not None
    changes = {
        name
        for name, value in vars(photometric).items()
        if value and not name.startswith(("blur_m", "noise_m"))
    }
    assert changes == {"contrast"}, "flips and contrast, as the seed"


def test_only_what_arms_ask_for_is_made(tmp_path):
    _, config = load_run(
        write_tiny_soiling(tmp_path), ["arms={real: {}, more: {generated: dirty_gan}}", "degradation=null"]
    )
    assert config.ways() == {"dirty_gan"}


def test_the_ablation_is_one_more_network_that_differs_in_how_it_reads_masks(tmp_path):
    arms = "arms={real: {}, concat: {generated: dirty_gan}, dot: {generated: dirty_gan_dot}}"
    _, config = load_run(write_tiny_soiling(tmp_path), [arms, "degradation=null"])
    assert config.ways() == {"dirty_gan", "dirty_gan_dot"}
    networks = [config.dirty_gan_of(way) for way in DIRTY_GANS]
    assert [network.mask_input for network in networks] == ["concat", "dot"]
    assert replace(networks[1], mask_input="concat") == networks[0]


def test_the_guide_has_what_is_set_for_it_alone(tmp_path):
    _, config = load_run(write_tiny_soiling(tmp_path), ["guide_set={steps: 7}"])
    assert (config.guide().steps, config.segmenter.steps) == (7, 2)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("arms={real: {set: {stepz: 3}}}", "arms.real.set: stepz is not a known field"),
        ("arms={real: {set: {num_classes: 3}}}", "num_classes is 3, but there are 4 levels of soiling"),
        ("guide_set={steps: 0}", "steps must be >= 1, but was 0"),
        ("arms={a: {}, b: {}}", "arms a and b are the same training; remove one"),
        ("arms={a: {generated: fog}}", "arms.a.generated"),
        ("stand_in=null", "exactly one of soiled (a folder) and stand_in (drawn soiling) must be given"),
        ("sample_street={}", "exactly one of label_maps (a folder) and sample_street"),
        (
            "label_maps.size_px=[64, 64]",
            "clean images are 64 x 64 px, but networks at a quarter of that need",
        ),
        ("degradation.segmenter.num_classes=5", "has 3 classes; set degradation.segmenter.num_classes: 3"),
        ("stand_in.amounts=[1.5]", "stand_in.amounts"),
        ("masks.walk_stops=2", "masks.walk_stops"),
        ("label_maps.folder=nowhere", "nowhere"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, capsys, override, words):
    line = refused(tmp_path, capsys, override)
    assert line.startswith("error: ") and words in line


def test_soiled_by_a_stand_in_that_is_not_there_is_refused(tmp_path, capsys):
    overrides = ("stand_in=null", "soiled={folder: street}", "degradation.soiled_by=stand_in")
    assert "degradation.soiled_by is stand_in, but there is no stand_in" in refused(
        tmp_path, capsys, *overrides
    )


def test_an_ablation_that_is_no_other_network_is_refused(tmp_path, capsys):
    overrides = ("dirty_gan.mask_input=dot", "degradation.soiled_by=dirty_gan_dot")
    assert "by which dirty_gan_dot is the same network" in refused(tmp_path, capsys, *overrides)

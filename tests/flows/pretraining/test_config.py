from pathlib import Path

import pytest

from flows.people.config import load_run_config
from flows.pretraining.config import load_pretrain_config

CONFIG = Path("flows/configs/pretraining/people_synthetic.yaml")


def test_the_kept_configuration_is_valid_and_trains_what_can_be_kept():
    config = load_pretrain_config(CONFIG, ["rooms.train=3"])
    assert config.rooms.train == 3 and config.detector.has_batch_norm
    photo, detection = config.rooms.photo, config.detection
    assert (photo.width_px, photo.height_px) == (detection.input_width_px, detection.input_height_px)


def test_pretraining_starts_from_nothing():
    with pytest.raises(ValueError, match=r"detector\.weights is 'imagenet'.*set none"):
        load_pretrain_config(CONFIG, ["detector.weights=imagenet"])


def test_an_unknown_field_is_named():
    with pytest.raises(ValueError, match=r"rooms\.trains is not a known field"):
        load_pretrain_config(CONFIG, ["rooms.trains=3"])


def test_a_run_and_a_pretraining_are_told_apart():
    with pytest.raises(ValueError, match="is a pretraining; give it to `python -m flows pretrain`"):
        load_run_config(CONFIG, [])
    with pytest.raises(ValueError, match="it is no pretraining"):
        load_pretrain_config(Path("flows/configs/people/demo.yaml"), [])

from pathlib import Path

import pytest

from flows.people.run_files import load_run_config
from flows.pipelines.loading import load_run
from flows.pretraining.config import PretrainConfig

CONFIG = Path("flows/configs/pretraining/people_synthetic.yaml")


def test_the_kept_configuration_is_valid_and_trains_what_can_be_kept():
    pipeline, config = load_run(CONFIG, ["rooms.train=3"])
    assert pipeline.name == "pretraining" and isinstance(config, PretrainConfig)
    assert config.rooms.train == 3 and config.detector.has_batch_norm
    photo, detection = config.rooms.photo, config.detection
    assert (photo.width_px, photo.height_px) == (detection.input_width_px, detection.input_height_px)


def test_pretraining_starts_from_nothing():
    with pytest.raises(ValueError, match=r"detector\.weights is 'imagenet'.*set none"):
        load_run(CONFIG, ["detector.weights=imagenet"])


def test_an_unknown_field_is_named():
    with pytest.raises(ValueError, match=r"rooms\.trains is not a known field"):
        load_run(CONFIG, ["rooms.trains=3"])


def test_a_run_of_another_pipeline_is_refused_where_one_of_people_is_needed():
    with pytest.raises(
        ValueError, match="is a run of the pipeline pretraining; one of people is needed here"
    ):
        load_run_config(CONFIG, [])

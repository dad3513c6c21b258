"""Which steps the stages start for an arm, told by a recorder instead of Prefect."""

from pathlib import Path
from typing import Any

import pytest

from flows.people.config import PeopleConfig
from flows.people.detector_stages import prepare_sets
from flows.people.image_stages import Images
from flows.people.place import Place
from flows.people.run_files import load_run_config
from flows.pipelines.loading import validate
from tests.flows.tiny_site import write_tiny_site


class Recorder:
    """Notes every started step; a step's product is its label."""

    def __init__(self) -> None:
        self.started: dict[str, tuple[Any, ...]] = {}

    def __call__(self, task: Any, *inputs: Any, label: str, **named: Any) -> str:
        self.started[label] = (task.name, *inputs)
        return label


def config(**changes):
    content = {"name": "a", "site": "site.yaml", "real_images": {"annotations": "a.json", "images": "images"}}
    return validate(content | changes, PeopleConfig, source="test")


IMAGES = Images(
    real={"train": "R", "val": "V"},
    leaks="L",
    real_crops="cR",
    scenes=["s1", "s2"],
    crops=["c1", "c2"],
    refiner="G",
    refined_crops=["r1", "r2"],
    refined_scenes=["p1", "p2"],
    measures="m",
)


def test_an_arm_of_styled_people_restyles_and_reinserts_every_shard():
    run, start = config(arms=[["S_style"]]), Recorder()
    sets = prepare_sets(run, IMAGES, start)
    assert start.started["style crops, shard 2 of 2"] == ("style crops", run.styling, "c2")
    assert start.started["reinsert styled, shard 2 of 2"] == (
        "reinsert crops",
        run.reinsertion,
        "s2",
        "c2",
        "style crops, shard 2 of 2",
    )
    styled = ["reinsert styled, shard 1 of 2", "reinsert styled, shard 2 of 2"]
    assert start.started["gather S_style"] == ("gather dataset", styled)
    assert sets == {"val": "prepare val", "S_style": "prepare S_style"}


def test_no_other_arm_styles_anything():
    start = Recorder()
    prepare_sets(config(), IMAGES, start)
    assert not [label for label in start.started if "style" in label]


def test_a_share_of_texture_beyond_1_is_refused():
    with pytest.raises(ValueError, match=r"styling\.texture_share: .*less than or equal to 1, but was 1\.5"):
        config(styling={"texture_share": 1.5})


def test_a_place_is_read_once_for_all_points_of_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    config = load_run_config(write_tiny_site(tmp_path), [])
    assert config.real_images is not None
    place = Place(Path(config.site or ""), Path())
    backgrounds, splits = place.backgrounds, place.splits(config.real_images)
    assert backgrounds
    assert {split.split for split, _ in splits} >= {"train", "val"}
    Path(config.site or "").unlink()
    assert place.backgrounds is backgrounds
    assert place.splits(config.real_images.model_copy()) is splits
    assert {place: "read"}[Place(Path(config.site or ""), Path())] == "read"

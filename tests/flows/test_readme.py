import re

import pytest
import yaml

from blender_assets.people.poses import PoseBook
from blender_assets.site import parse_site
from flows.configuration.files import apply_overrides
from flows.people.config import RunConfig
from flows.pipelines.loading import validate
from flows.sweeps.config import describe, list_points, load_sweep
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.training.refiner_reuse import TrainedRefiner

TEXT = (PROJECT_ROOT / "README.md").read_text()
SITE, RUN, CROWD, SWEEP = (
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
)


def test_the_site_of_the_readme_is_valid_and_fits_a_photo_of_its_size():
    site = parse_site(SITE, source="README.md")
    site.cameras["ceiling"].check_against_image(1024, 1024)


def test_the_run_of_the_readme_is_valid():
    assert validate(RUN, RunConfig, source="README.md").name == "meeting-room"


def test_the_poses_and_crowds_of_the_readme_are_valid():
    settings = validate(RUN | CROWD, RunConfig, source="README.md").render.settings
    assert settings.poses.mocap[0].path == "clips/walk.bvh" and settings.lying_people == (0, 1)
    PoseBook(settings.poses.model_copy(update={"mocap": ()}))


def test_the_sweep_of_the_readme_is_valid(tmp_path):
    (tmp_path / "flows").symlink_to(PROJECT_ROOT / "flows")
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(RUN))
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    points = list_points(load_sweep(tmp_path / "sweep.yaml", []))
    assert len(points) == 9 and describe(points[0].values) == "c_cp_s, refiner_seed 0"
    assert all(point.config.refiner.epochs == 20 for point in points)


def test_a_refiner_is_named_as_the_readme_says():
    for override in re.findall(r'--set "(refiner={from: .*?})"', TEXT):
        content = dict(RUN)
        apply_overrides(content, [override])
        assert isinstance(validate(content, RunConfig, source="README.md").refiner, TrainedRefiner)


@pytest.mark.parametrize("path", re.findall(r"`((?:flows|tasks|models|blender_assets|docs)/[\w./]+)`", TEXT))
def test_every_file_that_the_readme_names_exists(path):
    assert (PROJECT_ROOT / path).exists()

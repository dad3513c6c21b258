import re

import pytest
import yaml

from blender_assets.people.poses import PoseBook
from blender_assets.site import parse_site
from flows.run_config import validate
from tasks.artifacts.code_version import PROJECT_ROOT

TEXT = (PROJECT_ROOT / "README.md").read_text()
SITE, RUN, CROWD = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))


def test_the_site_of_the_readme_is_valid_and_fits_a_photo_of_its_size():
    site = parse_site(SITE, source="README.md")
    site.cameras["ceiling"].check_against_image(1024, 1024)


def test_the_run_of_the_readme_is_valid():
    assert validate(RUN, source="README.md").name == "meeting-room"


def test_the_poses_and_crowds_of_the_readme_are_valid():
    settings = validate(RUN | CROWD, source="README.md").render.settings
    assert settings.poses.mocap[0].path == "clips/walk.bvh" and settings.lying_people == (0, 1)
    PoseBook(settings.poses.model_copy(update={"mocap": ()}))


@pytest.mark.parametrize("path", re.findall(r"`((?:flows|tasks|models|blender_assets|docs)/[\w./]+)`", TEXT))
def test_every_file_that_the_readme_names_exists(path):
    assert (PROJECT_ROOT / path).exists()

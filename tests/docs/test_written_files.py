"""Every YAML block and every section in the text of README.md and docs/*.md is read by the parser that it is for."""

import re
from typing import Any

import pytest
import yaml

from blender_assets.people.poses import PoseBook
from blender_assets.site import parse_site
from flows.configuration.files import apply_overrides
from flows.people.config import PeopleConfig
from flows.pipelines.loading import pipeline_of, validate
from flows.sweeps.config import describe, list_points, load_sweep
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.training.refiner_reuse import TrainedRefiner
from tests.docs.pages import PAGES, blocks, flows_commands, spans

OTHERS = "two_steps=tests.two_steps.pipeline"


def written(page: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(block) for block in blocks(page, "yaml")]


def only(page: str, field: str) -> dict[str, Any]:
    """The one block of a page that has this field."""
    (found,) = (content for content in written(page) if field in content)
    return found


SITE, RUN = only("docs/own_site.md", "cameras"), only("docs/own_site.md", "real_images")
SWEEP = only("docs/sweeps.md", "grid")


def read(content: dict[str, Any], page: str) -> None:
    """As a site, as a sweep, or as a run: parts of one over the run of docs/own_site.md."""
    if "cameras" in content:
        parse_site(content, source=page).cameras["ceiling"].check_against_image(1024, 1024)
    elif "grid" not in content:
        whole = content if "name" in content else RUN | content
        validate(whole, pipeline_of(whole, source=page).config, source=page)


@pytest.mark.parametrize("page", PAGES)
def test_every_site_and_run_of_a_page_is_valid(page, monkeypatch):
    monkeypatch.setenv("VERISIM_PIPELINES", OTHERS)
    for content in written(page):
        read(content, page)


def test_the_pages_have_blocks_of_every_kind():
    kinds = [sorted(content) for page in PAGES for content in written(page)]
    assert len(kinds) >= 7 and ["backgrounds", "cameras", "name"] in kinds and ["render"] in kinds


def test_the_run_of_two_steps_is_that_of_its_file():
    (shown,) = written("docs/adding_a_pipeline.md")
    assert shown == yaml.safe_load((PROJECT_ROOT / "tests/two_steps/run.yaml").read_text())


def test_the_poses_and_crowds_of_the_page_are_valid():
    (crowd,) = (content for content in written("docs/own_site.md") if list(content) == ["render"])
    settings = validate(RUN | crowd, PeopleConfig, source="docs").render.settings
    assert settings.poses.mocap[0].path == "clips/walk.bvh" and settings.lying_people == (0, 1)
    PoseBook(settings.poses.model_copy(update={"mocap": ()}))


def test_the_sweep_of_the_page_is_valid(tmp_path):
    (tmp_path / "flows").symlink_to(PROJECT_ROOT / "flows")
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(RUN))
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    points = list_points(load_sweep(tmp_path / "sweep.yaml", []))
    assert len(points) == 9 and describe(points[0].values) == "c_cp_s, refiner_seed 0"
    assert all(point.config.refiner.epochs == 20 for point in points)


def test_a_refiner_is_named_as_the_page_says():
    (first, second) = (words[-1] for words in flows_commands("docs/refiners.md") if "--set" in words)
    for override in (first, second):
        content = dict(RUN)
        apply_overrides(content, [override])
        assert isinstance(validate(content, PeopleConfig, source="docs").refiner, TrainedRefiner)


def sections_in_the_text(page: str) -> list[dict[str, Any]]:
    """Spans like `compute: {timeout_h: 12}` that are sections of a run of people."""
    fields = "|".join(PeopleConfig.model_fields)
    return [yaml.safe_load(span) for span in spans(page) if re.match(rf"(?:{fields}): [{{\[]", span)]


@pytest.mark.parametrize("page", PAGES)
def test_every_section_of_a_run_in_the_text_is_valid(page):
    for section in sections_in_the_text(page):
        content = dict(RUN)
        for name, value in section.items():
            whole = name == "refiner" or not isinstance(value, dict)
            content[name] = value if whole else content.get(name, {}) | value
        validate(content, PeopleConfig, source=page)


def test_the_text_holds_such_sections():
    assert sum(len(sections_in_the_text(page)) for page in PAGES) >= 8


def test_parts_of_a_camera_in_the_text_are_valid():
    fields = r"(?:floor|seats|zones|density_image|circle_px): "
    parts = [yaml.safe_load(span) for span in spans("docs/own_site.md") if re.match(fields, span)]
    assert {name for part in parts for name in part} == {
        "floor",
        "seats",
        "zones",
        "density_image",
        "circle_px",
    }
    for part in parts:
        camera = dict(SITE["cameras"]["ceiling"])
        if "circle_px" in part:
            camera["lens"] = camera["lens"] | part
        else:
            camera |= part
        site = parse_site(SITE | {"cameras": {"ceiling": camera}}, source="docs/own_site.md")
        site.cameras["ceiling"].check_against_image(1024, 1024)

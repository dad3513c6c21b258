"""README.md and docs/*.md as text: short enough to read, and nothing in them leads nowhere."""

import re
from typing import get_args

import pytest

from flows.pipelines.registry import each_pipeline
from models.detection.config import NetworkName
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.docs.pages import PAGES, README, anchors, links, make_targets, paths, prose, resolved

MOST_LINES, WIDEST = 150, 125
# Written by a program, or in the hands of everybody who decides something.
UNWRAPPED = ("docs/configuration.md", "docs/decisions.md")
THESIS = ("c_cp", "c_cpcf", "c_cpcfif", "c_cpcfip", "d", "m", "a")  # Table 3.2; each also with the skip, `_s`


def test_the_readme_is_for_a_person():
    assert len(README.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", [page for page in PAGES if page not in UNWRAPPED])
def test_lines_outside_tables_and_pictures_are_short(page):
    lines = [line for line in PAGES[page].splitlines() if not line.startswith(("|", "!["))]
    assert [line for line in lines if len(line) > WIDEST] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_in_a_page_exists(page):
    assert [path for path in paths(page) if not (PROJECT_ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_page_or_picture_leads_there(page):
    own = [link for link in links(page) if not link.startswith("https://")]
    for link in own:
        place, _, anchor = link.partition("#")
        target = resolved(page, place) if place else PROJECT_ROOT / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(str(target.relative_to(PROJECT_ROOT))), link


def test_every_page_is_reached_from_the_readme():
    reached = {resolved("README.md", link.partition("#")[0]) for link in links("README.md")}
    assert [page for page in PAGES if page != "README.md" and PROJECT_ROOT / page not in reached] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_in_a_page_is_one(page):
    targets = set(re.findall(r"^([\w-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    assert [target for target in make_targets(page) if target not in targets] == []


def test_the_design_names_every_room_of_the_code():
    named = set(re.findall(r"`((?:flows|tasks|models|blender_assets)/\w+)`", prose("docs/design.md")))
    rooms = {
        str(path.parent.relative_to(PROJECT_ROOT))
        for folder in ("flows", "tasks", "models", "blender_assets")
        for path in (PROJECT_ROOT / folder).glob("*/__init__.py")
    }
    assert rooms <= named


def test_the_readme_names_every_pipeline(monkeypatch):
    monkeypatch.delenv("VERISIM_PIPELINES", raising=False)
    assert [item.name for item in each_pipeline() if f"| `{item.name}`" not in README.read_text()] == []


def test_the_page_of_detectors_names_every_network():
    rows = re.findall(r"^\| (`[^|]*) \|", PAGES["docs/detectors.md"], re.MULTILINE)
    assert set(get_args(NetworkName)) == {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_the_page_of_refiners_names_every_file_of_one():
    files = {path.stem for path in (PROJECT_ROOT / "flows/configs/people/refiners").glob("*.yaml")}
    table = PAGES["docs/refiners.md"].partition("| family")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", table)) | {f"{name}_s" for name in THESIS}
    assert files <= named

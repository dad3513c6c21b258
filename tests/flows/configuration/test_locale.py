"""Where the locale knows ASCII only, files with other letters are read, and what is printed reaches the terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tasks.artifacts.code_version import PROJECT_ROOT
from tests.flows.tiny_site import SITE, write_tiny_site

ASCII = {
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
}


def flows(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "flows", *arguments],
        cwd=PROJECT_ROOT,
        env=os.environ | ASCII,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def run(tmp_path) -> Path:
    """The tiny run with umlauts in the names of its folder, its photo, its camera and an annotated image."""
    folder = tmp_path / "Büro"
    folder.mkdir()
    path = write_tiny_site(folder)
    (folder / "empty.png").rename(folder / "leer→.png")
    site = SITE | {
        "name": "Büro",
        "cameras": {"größe": SITE["cameras"]["top"]},
        "backgrounds": [{"image": "leer→.png", "camera": "größe"}],
    }
    (folder / "site.yaml").write_text(yaml.safe_dump(site, allow_unicode=True), encoding="utf-8")
    (folder / "real/clip0_000.png").rename(folder / "real/clip0_000ä.png")
    content = json.loads((folder / "real.json").read_text(encoding="utf-8"))
    content["images"][0]["file_name"] = "clip0_000ä.png"
    content["categories"].append({"id": 2, "name": "Stühle"})
    content["annotations"].append({"id": 99, "image_id": 0, "category_id": 2, "bbox": [1, 1, 5, 5]})
    (folder / "real.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_run_with_umlauts_is_planned_and_a_mistake_is_one_line(run):
    planned = flows("run", str(run), "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "to build" in planned.stdout
    assert planned.stderr.splitlines()[0].startswith("warning: 1 annotated boxes are left out")
    assert "St\\xfchle 1" in planned.stderr
    (run.parent / "leer→.png").unlink()
    refused = flows("run", str(run), "--dry-run")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith("error: there is no image ") and "leer\\u2192.png" in line

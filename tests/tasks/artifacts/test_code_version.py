import ast
import gc
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.artifacts.code_version import _parse, code_version, known_versions

FILES = {
    "tasks/__init__.py": '"""Tasks."""\n',
    "tasks/cropping.py": "from tasks import geometry\n\ndef crop():\n    from models.net import run\n    run(geometry)\n",
    "tasks/geometry.py": "import numpy\nSIZE = 3\n",
    "tasks/child.py": 'NAME = "blender_assets.render"\n',
    "tasks/relative.py": "from . import geometry\nfrom .geometry import SIZE\n",
    "tasks/unrelated.py": "X = 1\n",
    "models/__init__.py": "",
    "models/net.py": "def run(x):\n    return x\n",
    "blender_assets/__init__.py": "",
    "blender_assets/render.py": "Y = 1\n",
    "blender_assets/poses.json": "{}",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def changed(root: Path, module: str, file: str, text: str) -> bool:
    before = code_version((module,), root)
    (root / file).write_text(text)
    return in_a_new_process(module, root) != before


def in_a_new_process(module: str, root: Path) -> str:
    code_version.cache_clear()
    known_versions.cache_clear()
    return code_version((module,), root)


@pytest.mark.parametrize(
    ("module", "file", "text"),
    [
        ("tasks.cropping", "tasks/cropping.py", FILES["tasks/cropping.py"] + "\nZ = 1\n"),
        ("tasks.cropping", "tasks/geometry.py", "import numpy\nSIZE = 4\n"),
        ("tasks.cropping", "models/net.py", "def run(x):\n    return x + 1\n"),
        ("tasks.cropping", "tasks/__init__.py", "A = 1\n"),
        ("tasks.child", "blender_assets/render.py", "Y = 2\n"),
        ("tasks.child", "blender_assets/poses.json", '{"a": 1}'),
        ("tasks.relative", "tasks/geometry.py", "SIZE = 4\n"),
    ],
    ids=[
        "itself",
        "import",
        "import inside a function",
        "package",
        "child process",
        "data file",
        "relative import",
    ],
)
def test_a_change_of_anything_reached_changes_the_version(root, module, file, text):
    assert changed(root, module, file, text)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tasks/geometry.py", '"""New docstring."""\nimport numpy\n# a comment\nSIZE   =   3\n'),
        ("tasks/unrelated.py", "X = 2\n"),
        ("blender_assets/render.py", "Y = 2\n"),
    ],
    ids=["comment and docstring", "unrelated module", "module of another step"],
)
def test_what_cannot_change_the_bytes_does_not_change_the_version(root, file, text):
    assert not changed(root, "tasks.cropping", file, text)


def test_the_next_process_parses_nothing(root, monkeypatch):
    version = in_a_new_process("tasks.cropping", root)
    monkeypatch.delattr(ast, "parse")
    assert in_a_new_process("tasks.cropping", root) == version


def test_a_module_that_does_not_exist_is_an_error(root):
    with pytest.raises(ValueError, match=r"tasks\.nothing"):
        code_version(("tasks.nothing",), root)


class Yielding:
    """Garbage whose end lets another thread go on, wherever it is collected."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        time.sleep(0)


def test_modules_are_parsed_in_several_threads_at_once():
    before = gc.get_threshold()
    source = "\n".join(f"value_{number} = [{number}, (a, b.c[0])]" for number in range(300))

    def parse_deep_down(depth: int) -> list[int]:
        if depth:
            return parse_deep_down(depth - 1)
        return [len(_parse_beside_garbage(source)) for _ in range(10)]

    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(3) as threads:
            assert list(threads.map(parse_deep_down, (0, 20, 40))) == [[300] * 10] * 3
    finally:
        gc.set_threshold(*before)


def _parse_beside_garbage(source: str) -> list[ast.stmt]:
    for _ in range(40):
        Yielding()
    return _parse(source).body

"""What no module of ours does, whatever others write into the files that it reads."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from flows.configuration.files import apply_overrides, read_mapping
from models.training.checkpoints import load_tensors
from tasks.artifacts.code_version import PROJECT_ROOT

FOLDERS = ("flows", "tasks", "models", "blender_assets")
SOURCES = sorted(path for folder in FOLDERS for path in (PROJECT_ROOT / folder).rglob("*.py"))
UNPICKLERS = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
UNPACKERS = {"zipfile", "tarfile"}


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    """(dotted name as it is written, call) of every call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def keyword(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(item.value) for item in call.keywords if item.arg == name), None)


def imports(source: str) -> set[str]:
    """Top names of all imported modules."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[0] for name in plain} | {
        node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module
    }


def unsafe(source: str) -> list[str]:
    """What is unsafe in a module, one text each."""
    found = [f"imports {name}" for name in sorted(imports(source) & (UNPICKLERS | UNPACKERS))]
    for name, call in calls(source):
        last = name.rpartition(".")[2]
        is_yaml = name.startswith("yaml.") and last in ("load", "load_all", "full_load", "unsafe_load")
        is_shell = keyword(call, "shell") not in (None, "False") or name in ("os.system", "os.popen")
        is_pickle = name == "torch.load" and keyword(call, "weights_only") != "True"
        is_pickle |= keyword(call, "allow_pickle") not in (None, "False") or last == "unpack_archive"
        is_open = any(
            isinstance(argument, ast.Constant) and argument.value in ("0.0.0.0", "::")
            for argument in ast.walk(call)
        )
        if is_yaml or is_shell or is_pickle or is_open or name in ("eval", "exec"):
            found.append(ast.unparse(call))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_no_module_unpickles_runs_a_shell_loads_objects_from_yaml_or_listens_to_other_hosts(path):
    assert unsafe(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from zipfile import ZipFile",
        "yaml.load(text, Loader=yaml.Loader)",
        "subprocess.run('ls', shell=True)",
        "os.system('ls')",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "shutil.unpack_archive(path)",
        "eval(text)",
        "server.bind(('0.0.0.0', 80))",
    ],
)
def test_the_check_above_sees_what_it_is_for(source):
    assert len(unsafe(source)) == 1


class _Trap:
    """Writes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_hostile_weights_are_refused_without_running_anything(tmp_path):
    torch.save({"kind": "detector", "trap": _Trap(tmp_path / "sprung")}, tmp_path / "weights.pt")
    with pytest.raises(ValueError, match="is not a file of tensors"):
        load_tensors(tmp_path / "weights.pt")
    assert not (tmp_path / "sprung").exists()


def test_hostile_arrays_are_refused_without_running_anything(tmp_path):
    from tasks.formats.crops import read_crop_pixels

    trap = np.array([_Trap(tmp_path / "sprung")], dtype=object)
    np.save(tmp_path / "crops.npy", trap, allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        read_crop_pixels([tmp_path])
    assert not (tmp_path / "sprung").exists()


def test_hostile_yaml_is_refused_without_running_anything(tmp_path):
    text = f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.PosixPath ['{tmp_path}/sprung']]"
    (tmp_path / "run.yaml").write_text(f"name: {text}\n")
    with pytest.raises(ValueError, match="is not valid YAML"):
        read_mapping(tmp_path / "run.yaml")
    with pytest.raises(ValueError, match="not valid YAML"):
        apply_overrides({}, [f"name={text}"])
    assert not (tmp_path / "sprung").exists()

"""A digest of all first-party code that a step uses, blind to comments, docstrings and formatting."""

import ast
import functools
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.first_party import first_party
from tasks.artifacts.known_versions import KnownVersions

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# Machinery that finds and stores artifacts and shapes no byte of one: mending it must not rebuild everything.
_MACHINERY = ("tasks.artifacts", "tasks.building.steps", "tasks.building.progress")
_DATA_SUFFIXES = (".json", ".yaml", ".html", ".css", ".js")
_parsing = threading.Lock()


@functools.cache
def code_version(modules: tuple[str, ...], root: Path = PROJECT_ROOT) -> str:
    """Digest of `modules` and of every first-party module that they reach, 16 hexadecimal digits.

    Reached means imported anywhere, also inside functions, or named in a string such as the module of a child
    process ("blender_assets.render_scenes"), except for the store's own machinery. Data files beside a reached
    module count too. Constant while a process runs: it is of the files as they were when it was first asked for, which
    should be soon after they were imported; `require_unchanged` says whether they still are.
    """
    known, name = known_versions(root), " ".join(modules)
    version = known.find(name)
    if version is None:
        version = _digest(modules, root)
        known.add(name, version)
    return version


def require_unchanged(modules: tuple[str, ...], root: Path = PROJECT_ROOT) -> None:
    """ValueError where the files say something else than `code_version` said of them: a build would mix two states."""
    version = code_version(modules, root)
    if not known_versions(root).is_current() and _digest(modules, root) != version:
        raise ValueError(
            f"the code of {', '.join(modules)} changed after this run began; "
            "what is finished is kept: run the same command again"
        )


@functools.cache
def known_versions(root: Path) -> KnownVersions:
    """What earlier processes worked out: parsing the modules takes a second, reading them a hundredth of it."""
    return KnownVersions(root, lambda: _first_party_files(root))


def _first_party_files(root: Path) -> list[Path]:
    files = (path for name in first_party() for path in (root / name).rglob("*"))
    return sorted(path for path in files if path.suffix in (".py", *_DATA_SUFFIXES) and path.is_file())


def _digest(modules: tuple[str, ...], root: Path) -> str:
    reached = sorted(_reach(modules, root))
    hasher = hashlib.sha256()
    for module in reached:
        hasher.update(f"{module}\0{_read(module, root).stripped}\0".encode())
    for path in _data_files(reached, root):
        hasher.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return hasher.hexdigest()[:16]


def _reach(modules: tuple[str, ...], root: Path) -> set[str]:
    reached: set[str] = set()
    waiting = [name for module in modules for name in _with_parents(module)]
    for module in modules:
        if not _exists(module, root):
            raise ValueError(f"no first-party module {module!r} below {root}")
    while waiting:
        module = waiting.pop()
        if module in reached or module.startswith(_MACHINERY) or not _exists(module, root):
            continue
        reached.add(module)
        waiting += [name for used in _read(module, root).names for name in _with_parents(used)]
    return reached


@dataclass(frozen=True)
class _Source:
    """Dotted names that could be first-party modules, and what of a module's source can shape bytes."""

    names: tuple[str, ...]
    stripped: str


def _read(module: str, root: Path) -> _Source:
    path = _module_file(module, root)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return _understand(path.read_text(encoding="utf-8"), package)


@functools.cache
def _understand(source: str, package: str) -> _Source:
    """Steps share most of their modules, and parsing all of them for each step would take seconds."""
    tree = _parse(source)
    return _Source(names=tuple(_find_names(tree, package)), stripped=_dump_without_texts(tree))


def _parse(source: str) -> ast.Module:
    """Python 3.11 counts the depth of all threads' trees in one place, and may raise a SystemError (gh-106905)."""
    with _parsing:
        try:
            return ast.parse(source)
        except SystemError:  # met one of another library
            return ast.parse(source)


def _find_names(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute_base(node, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            yield node.value


def _absolute_base(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _with_parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _module_file(module: str, root: Path) -> Path:
    base = root.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_name(base.name + ".py")


def _exists(module: str, root: Path) -> bool:
    parts = module.split(".")
    if parts[0] not in first_party() or not all(part.isidentifier() for part in parts):
        return False
    return _module_file(module, root).is_file()


def _dump_without_texts(tree: ast.Module) -> str:
    """The tree as a text; it loses its docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [child for child in node.body if not _is_bare_text(child)]
    return ast.dump(tree)


def _is_bare_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _data_files(modules: list[str], root: Path) -> list[Path]:
    folders = {_module_file(module, root).parent for module in modules}
    return sorted(path for folder in folders for path in folder.iterdir() if path.suffix in _DATA_SUFFIXES)

"""The pinned versions of pyproject.toml; `make pins` renews those that come with the packages chosen by hand."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
BEGIN = "    # what comes with them, written by `make pins`"
END = "    # end of what `make pins` writes"


def read_pins(text: str) -> dict[str, str]:
    """The exact version of every package that is pinned in the text of pyproject.toml, by its name as indexes have it."""
    lines = tomllib.loads(text)["tool"]["uv"]["constraint-dependencies"]
    pins = (line.partition("==") for line in lines if "==" in line)
    return {normal_name(name): version for name, _, version in pins}


def normal_name(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def renewed(text: str) -> str:
    """The text of pyproject.toml with the newest versions that go with those chosen by hand."""
    bare = _with_block(text, [])
    by_hand = read_pins(bare)
    found = {name: version for name, version in _resolve(bare).items() if name not in by_hand}
    return _with_block(text, [f'    "{name}=={version}",' for name, version in sorted(found.items())])


def _resolve(text: str) -> dict[str, str]:
    """Of every package for all systems, groups and extras, resolved in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / PYPROJECT.name).write_text(text)
        shutil.copy(PYPROJECT.with_name("README.md"), folder)
        subprocess.run([os.environ["UV"], "lock", "--quiet", "--project", folder], check=True)
        packages = tomllib.loads((Path(folder) / "uv.lock").read_text())["package"]
    own = tomllib.loads(text)["project"]["name"]
    versions = {package["name"]: package["version"] for package in packages if package["name"] != own}
    assert len(versions) == len(packages) - 1, "two systems would need two versions of a package"
    return versions


def _with_block(text: str, lines: list[str]) -> str:
    before, _, rest = text.partition(f"{BEGIN}\n")
    _, _, after = rest.partition(f"{END}\n")
    assert after, f"{PYPROJECT.name} has lost the lines around the pins"
    return "\n".join([f"{before}{BEGIN}", *lines, f"{END}\n{after}"])


def main() -> None:
    """Write the new pins into pyproject.toml, and print what changed."""
    old = PYPROJECT.read_text()
    new = renewed(old)
    PYPROJECT.write_text(new)
    before, after = read_pins(old), read_pins(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            print(f"{name}: {before.get(name, 'none')} -> {after.get(name, 'none')}")


if __name__ == "__main__":
    main()

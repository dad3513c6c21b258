"""Every field of run, sweep and site files and of the command `soil`, as docs/configuration.md, from their comments.

`python -m flows.commands.reference` writes it anew, with the pipelines that VERISIM_PIPELINES names.
"""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from blender_assets.site import Site
from flows.configuration.field_words import Field, classes_in, in_words
from flows.configuration.sections import Section, list_sections
from flows.pipelines.registry import each_pipeline
from flows.sweeps.config import SweepFile
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.soiling.dirty_set import DirtySetConfig

PAGE = PROJECT_ROOT / "docs/configuration.md"
_INTRODUCTION = """# Configuration reference

Every field of the files that Verisim reads, made from the comments beside the fields in the code. Do not edit this page:
change the comment and run `make reference`. A test compares the page with the code.

A name with dots is a field of a section: `refiner.epochs` stands in YAML as `refiner: {epochs: 20}`, and on the command line
as `--set refiner.epochs=20`. `[]` stands for each entry of a list, `NAME` for a name that you choose; None in the words is
`null` in YAML. Fields that are not here are errors, and so are values that do not go together; the message says what is
allowed.
`python -m flows run CONFIG.yaml --dry-run` prints all fields of a run with their values.
"""


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    name: str
    title: str
    about: str
    form: type


def write_page() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page as markdown. What an earlier kind of file showed in the same words is only named again."""
    shown: dict[str, list[list[Section]]] = {}
    lines = [_INTRODUCTION]
    for kind in _kinds():
        top, *below = list_sections(kind.form)
        lines += [f"## {kind.title}\n", f"{kind.about}\n", *_table(top)]
        for name, group in _by_first_part(below).items():
            is_new = group not in shown.setdefault(name, [])
            lines.append(f"### `{name}` in {kind.name}\n")
            lines += _describe(group, name) if is_new else ["The same fields and defaults as above.\n"]
            shown[name].append(group)
    return "\n".join(lines)


def _kinds() -> list[Kind]:
    runs = [
        Kind(
            name=f"`{pipeline.name}`",
            title=f"Run files of the pipeline `{pipeline.name}`",
            about=f"{pipeline.about}\n\nFor example `{pipeline.example}`.",
            form=pipeline.config,
        )
        for pipeline in each_pipeline()
    ]
    sweep = Kind("sweeps", "Sweep files", "A run file and grids of values: [sweeps](sweeps.md).", SweepFile)
    site = Kind("sites", "Site files", "Cameras and photos of a place: [your own site](own_site.md).", Site)
    soil = Kind(
        name="`soil`",
        title="Settings of the command `soil`",
        about="What its `--set` sets: [soiling](soiling.md).",
        form=DirtySetConfig,
    )
    return [*runs, sweep, site, soil]


def _by_first_part(sections: list[Section]) -> dict[str, list[Section]]:
    groups: dict[str, list[Section]] = {}
    for section in sections:
        groups.setdefault(section.name.split(".")[0].removesuffix("[]"), []).append(section)
    return groups


def _describe(group: list[Section], heading: str) -> list[str]:
    """The tables of a section and of those within it; its own needs no second heading."""
    lines = []
    for section in group:
        if section.name != heading or section.condition:
            lines.append(f"#### `{section.name}`{section.condition}\n")
        lines += [f"{section.about}\n"] if section.about else []
        lines += _table(section)
    return lines


def _table(section: Section) -> list[str]:
    prefix = f"{section.name}." if section.name else ""
    lines = ["| field | allowed | default | what it is |", "|---|---|---|---|"]
    for field in section.fields:
        cells = (
            f"`{prefix}{field.name}`",
            in_words(field.hint, field.limits),
            _default(field),
            field.comment,
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [*lines, ""]


def _default(field: Field) -> str:
    """As in YAML; nothing for a section, whose own fields say it."""
    if field.is_required:
        return "required"
    if any(isinstance(field.default, owner) for owner, _ in classes_in(field.hint)):
        return ""
    return f"`{json.dumps(_plain(field.default), ensure_ascii=False)}`"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


if __name__ == "__main__":
    write_page()

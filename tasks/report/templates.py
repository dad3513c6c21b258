"""The templates of pages, and the style that they share."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape


def read_template(path: Path) -> Template:
    """A page's template, which escapes what it is given and refuses to leave something out.

    It may `import` the macros that lie beside this module.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )
    return environment.from_string(path.read_text(encoding="utf-8"))


def read_style() -> str:
    """The style sheet of all pages."""
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")

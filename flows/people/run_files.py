"""Run files of this pipeline where a command needs just these, and what a preview takes from them or from a site file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from flows.configuration.files import apply_overrides, read_mapping
from flows.configuration.mistakes import explain_mistakes
from flows.people.config import PeopleConfig, site_path
from flows.pipelines.loading import load_run
from tasks.artifacts.opening import StorePlace
from tasks.scenes.rendering import RenderConfig


def load_run_config(path: Path, overrides: list[str]) -> PeopleConfig:
    """As `load_run`; ValueError for a run of another pipeline, too."""
    pipeline, config = load_run(path, overrides)
    if not isinstance(config, PeopleConfig):
        raise ValueError(f"{path} is a run of the pipeline {pipeline.name}; one of people is needed here")
    return config


@dataclass(frozen=True)
class RenderPlan:
    """What a preview needs of a run: the site, how it is rendered, and the store."""

    site: Path
    render: RenderConfig
    store: StorePlace


def load_render_plan(path: Path, overrides: list[str]) -> RenderPlan:
    """From a run configuration, or from a bare site file with the defaults of everything else.

    Raises ValueError, one line for every wrong field, and for a run on the stand-in site.
    """
    if "cameras" not in read_mapping(path):
        config = load_run_config(path, overrides)
        if config.site is None:
            raise ValueError(
                f"{path} makes its own sample_site, which stands only after a run; name a site file instead"
            )
        return RenderPlan(site_path(config), config.render, config.store_place)
    content: dict[str, Any] = {}
    apply_overrides(content, overrides)
    try:
        render = _RenderOnly.model_validate(content).render
    except ValidationError as error:
        raise ValueError("; ".join(f"--set: {mistake}" for mistake in explain_mistakes(error))) from None
    return RenderPlan(path, render, StorePlace())


class _RenderOnly(BaseModel):
    """What `--set` may change of a bare site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    render: RenderConfig = RenderConfig()

"""Run files of any pipeline, and the runs that sweeps make of them: read, overridden, and checked against their form."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from blender_assets.both_sides.field_shapes import booleans_for_numbers, endless_numbers
from flows.configuration.files import apply_overrides, describes_sweep, read_mapping
from flows.configuration.mistakes import explain_mistakes
from flows.configuration.run import RunSettings
from flows.pipelines.pipeline import Pipeline
from flows.pipelines.registry import DEFAULT, each_pipeline, find_pipeline

Config = TypeVar("Config", bound=RunSettings)


def load_run(path: Path, overrides: list[str]) -> tuple[Pipeline[Any], Any]:
    """The pipeline of a run file and its configuration; `overrides` are like "refiner.epochs=20".

    Relative places are relative to the file. Raises ValueError, one line for every wrong field.
    """
    content = read_mapping(path)
    if describes_sweep(content):
        raise ValueError(f"{path} is a sweep of many runs; give it to `python -m flows sweep`")
    apply_overrides(content, overrides)
    pipeline = pipeline_of(content, source=str(path))
    config = validate(content, pipeline.config, source=str(path))
    return pipeline, config.placed(path.parent.resolve())


def pipeline_of(content: dict[str, Any], *, source: str) -> Pipeline[Any]:
    """The pipeline that a run's content names; ValueError for an unknown one, and for fields of another one."""
    try:
        pipeline = find_pipeline(content.get("pipeline", DEFAULT))
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
    if "pipeline" not in content and (other := _meant(content, pipeline)):
        raise ValueError(f"{source} has fields of the pipeline {other}; write `pipeline: {other}` in it")
    return pipeline


def _meant(content: dict[str, Any], pipeline: Pipeline[Any]) -> str | None:
    """Another pipeline that has all the fields, where this one has not."""
    if set(content) <= set(pipeline.config.model_fields):
        return None
    others = (other for other in each_pipeline() if set(content) <= set(other.config.model_fields))
    return next((other.name for other in others), None)


def validate(content: dict[str, Any], form: type[Config], *, source: str) -> Config:
    """The configuration in `content`; ValueError names every wrong field, its value and what is allowed."""
    if wrong := find_mistakes(content, form):
        raise ValueError("; ".join(f"{source}: {mistake}" for mistake in wrong))
    return form.model_validate(content)


def find_mistakes(content: dict[str, Any], form: type[RunSettings]) -> list[str]:
    """One line for every wrong field of a run's configuration."""
    try:
        config = form.model_validate(content)
    except ValidationError as error:
        return explain_mistakes(error)
    return [*booleans_for_numbers(content, config), *endless_numbers(config)]

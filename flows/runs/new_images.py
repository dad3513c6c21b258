"""The flow `new-images`: looks whether the watched folders of a run changed, and sends the run again if so."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.deployments import run_deployment
from pydantic import BaseModel, ConfigDict, Field

from flows.configuration.run import RunSettings
from flows.pipelines.loading import load_run
from flows.pipelines.pipeline import Pipeline
from tasks.building.run_context import Run, going_on
from tasks.images.folder_state import (
    FolderState,
    Look,
    last_state,
    look_into,
    next_state,
    record_name,
    version_name,
)


class WatchedRun(BaseModel):
    """A run that is made again whenever images arrive in its folders, or go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # run configuration (YAML), as a path that the worker can read
    config: str = Field(min_length=1)
    overrides: tuple[str, ...] = ()  # changes like "training.seeds=3"
    # seconds in which no image must have changed: until then it is still being copied
    settle_s: float = Field(default=30.0, ge=0, le=3600)


@flow(name="new-images", flow_run_name="images of {watched.config}", persist_result=False)
def new_images(watched: WatchedRun) -> int:
    """Look once; how many looks found something new so far. A new one sends the run NAME.vN."""
    pipeline, config = load_watched(Path(watched.config), list(watched.overrides))
    store = config.store_place.open()
    last, look = last_state(store, config.name), look_into(watched_folders(pipeline, config))
    new = next_state(last, look, settle_s=watched.settle_s)
    if new is not last:
        run = Run(store, record_name(config.name))
        with going_on(run):
            _send(pipeline, config, new)
            run.finish(
                "completed", new.record()
            )  # only now: a crash before sends the same run, which is there
    _publish(config.name, last, new, look)
    return new.number


def load_watched(path: Path, overrides: list[str]) -> tuple[Pipeline[Any], Any]:
    """A run with folders that can be watched; ValueError for any other."""
    pipeline, config = load_run(path, overrides)
    watched_folders(pipeline, config)
    return pipeline, config


def watched_folders(pipeline: Pipeline[Any], config: RunSettings) -> list[Path]:
    """The folders whose images make the run again. ValueError where there are none."""
    folders = [Path(folder) for folder in pipeline.watched(config)]
    if not folders:
        raise ValueError(
            f"{config.name}, a run through the pipeline {pipeline.name}, has no folder that could be watched; "
            "docs/operations.md says which runs have"
        )
    return folders


def _send(pipeline: Pipeline[Any], config: RunSettings, state: FolderState) -> None:
    name = version_name(config.name, state.number)
    changed = config.model_copy(update={"name": name})
    run_deployment(
        pipeline.deployment,
        parameters={"config": changed.model_dump(mode="json", by_alias=True)},
        flow_run_name=name,
        idempotency_key=f"{name} {state.digest}",
        timeout=0,
        as_subflow=False,
    )


def _publish(name: str, last: FolderState, new: FolderState, look: Look) -> None:
    """What was found, on the run's page."""
    if new is not last:
        what = f"{look.num_files} files, {last.num_files} before: sent as {version_name(name, new.number)}."
    elif look.digest == last.digest or look.num_files == 0:
        what = f"{look.num_files} files. Nothing has changed."
    else:
        what = f"{look.num_files} files, of which one was written {look.age_s:.0f} s ago: waiting until all are whole."
    create_markdown_artifact(
        f"## Images of {name}\n\n{what}", key="verisim-images", description="Watched images"
    )

"""What every run's configuration has, whatever its pipeline: its name, its places, and where it is computed."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tasks.artifacts.opening import DEFAULT, StorePlace


def _check_place(place: str) -> str:
    if "\0" in place:
        raise ValueError(f"{place!r} is no place that a system has; write a folder or a URL")
    return place


Place = Annotated[str, AfterValidator(_check_place)]
# of a run or a sweep, and of its report's folder: neither hidden, nor `..`, nor an option of a command
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=100)]


class ComputeConfig(BaseModel):
    """Where the run works; nothing here changes a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # steps built at the same time; None: one for every core
    num_workers: int | None = Field(default=None, ge=1)
    # here: where the run is; gpu: on the workers of the work pool gpu
    trainings: Literal["here", "gpu"] = "here"
    # quick: steps that are found take one message to the server; plain: Prefect's own runner, should another
    # version of Prefect break the quick one
    engine: Literal["quick", "plain"] = "quick"
    # hours after which the run, and every training that it ordered, is ended; None: never
    timeout_h: float | None = Field(default=None, gt=0)


class RunSettings(BaseModel):
    """What the configurations of all pipelines have. A pipeline's own class adds its steps' configurations."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # which pipeline the run goes through; `python -m flows pipelines` lists them
    pipeline: str
    # names the run and its report's folder; letters, digits, dots, dashes and underscores
    name: Name
    store: Place = DEFAULT  # a folder, or a URL such as s3://bucket/prefix that several hosts share
    store_cache: Place = DEFAULT  # the folder for what this host used of a store with a URL
    output: Place = "runs"  # folder of the reports
    compute: ComputeConfig = ComputeConfig()  # where the run works; changes no result

    @property
    def store_place(self) -> StorePlace:
        return StorePlace(self.store, self.store_cache)

    def settled(self) -> Self:
        """The same with what `auto` is on this machine: what a run's record says."""
        return self

    def placed(self, folder: Path) -> Self:
        """The same with absolute places, relative ones taken from `folder`: it means the same in any working folder."""
        return self

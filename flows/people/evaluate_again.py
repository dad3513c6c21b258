"""The flow `evaluate`: scores the detectors of a finished run once more, under other rules."""

from typing import Any

from prefect import flow
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from flows.people.config import PeopleConfig
from flows.people.flow import augment
from flows.pipelines.loading import validate
from tasks.artifacts.lookup import run_records
from tasks.artifacts.opening import StorePlace
from tasks.detection.evaluation import EvaluationConfig


class FinishedRun(BaseModel):
    """A run of a store, by its name, and how its detectors are scored again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str = Field(min_length=1)  # name of a finished run; the newest one of this name is taken
    store: str = "verisim-store"  # store that holds the run
    evaluation: EvaluationConfig = EvaluationConfig()  # the rules


class ScoredAgain(PeopleConfig):
    """A run whose detectors are there: their thresholds may have been chosen at another overlap, as its report says."""

    def _chooses_as_it_scores(self) -> PeopleConfig:
        return self


@flow(name="evaluate", flow_run_name="{finished.run} scored again", persist_result=False)
def evaluate(finished: FinishedRun) -> Any:
    """Evaluate and report; all else of the run is found in the store. Returns the path of the new report."""
    content = finished_config(StorePlace(finished.store), finished.run)
    changed = {
        "name": f"{finished.run}.evaluated",
        "store": finished.store,
        "evaluation": finished.evaluation.model_dump(mode="json"),
    }
    config = validate(content | changed, ScoredAgain, source=f"the run {finished.run}")
    # Prefect would check it once more, as a run that is to train its detectors.
    scored = augment.with_options(validate_parameters=False)(config, return_state=True)
    return Completed(message=scored.message, data=scored.result())


def finished_config(place: StorePlace, run: str) -> dict[str, Any]:
    """The configuration of the newest finished run of this name; ValueError where there is none."""
    for record in run_records(place.open_existing(), run):
        if record["status"] == "completed" and "arms" in record["config"]:
            return record["config"]
    raise ValueError(f"no run {run!r} has finished with detectors; run its configuration first")

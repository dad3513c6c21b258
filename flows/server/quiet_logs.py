"""The log of a flow run's process without what Prefect says twice."""

import logging

# What Prefect logs of every step repeats its state and our own line; tracebacks of other errors stay.
_REPETITIONS = {
    "prefect.task_runs": ("Finished in state ", "Task run failed with state: "),
    "prefect.flow_runs": ("Downloading flow code from storage ",),  # there is none
}


def drop_repetitions() -> None:
    """For the process of one flow run: its log says everything once."""
    for name, beginnings in _REPETITIONS.items():
        logging.getLogger(name).addFilter(
            lambda record, beginnings=beginnings: not record.getMessage().startswith(beginnings)
        )

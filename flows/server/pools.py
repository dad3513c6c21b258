"""The work pools: which there are, what they are called on the server, and how much each takes at once."""

import os

POOLS = ("render", "gpu")
PREFIX_VARIABLE = "VERISIM_POOL_PREFIX"


def pool_name(pool: str) -> str:
    """As the server knows it: beside pools of other people ours may have a prefix."""
    return _prefix() + pool


def pool_of(name_on_server: str) -> str:
    """The pool that the server knows by this name."""
    return name_on_server.removeprefix(_prefix())


def usual_limit(pool: str) -> int:
    """Runs at once on this machine: one training, or a run for every core that this process may use."""
    return 1 if pool == "gpu" else len(os.sched_getaffinity(0))


def _prefix() -> str:
    return os.environ.get(PREFIX_VARIABLE, "")

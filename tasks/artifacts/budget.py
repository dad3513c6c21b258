"""How much a store may hold: a setting of the store, because all its runs share the disk."""

import logging

from tasks.artifacts.store import Store

WARN_SHARE = 0.8
log = logging.getLogger("verisim.store")


def set_budget(store: Store, gigabytes: float) -> None:
    """0 for no budget. ValueError below 0."""
    if not gigabytes >= 0:
        raise ValueError(f"the budget must be >= 0 GB, but was {gigabytes:g}; 0 is for no budget")
    store.write_setting("budget_gb", f"{gigabytes:g}")


def near_budget(store: Store) -> str | None:
    """What to tell, with the mend, where the store holds 80 % of its budget or more."""
    text = store.read_setting("budget_gb")
    budget_gb = float(text) if text else 0.0
    if not budget_gb:
        return None
    used_gb = store.used_bytes() / 1e9
    if used_gb < WARN_SHARE * budget_gb:
        return None
    return (
        f"the store {store.place} holds {used_gb:.3g} GB, {used_gb / budget_gb:.0%} of its budget of {budget_gb:g} GB: "
        "forget older runs with `python -m flows artifacts gc --keep-last 3`, or raise it with `artifacts budget`"
    )


def warn_near_budget(store: Store) -> None:
    if text := near_budget(store):
        log.warning("%s", text)

"""Which code is ours: the project's folders, and the packages beside them that bring pipelines of a user's own."""

import os

VARIABLE = "VERISIM_PIPELINES"  # e.g. "night=night_pipeline.record,fog=fog.pipeline": a name and the module of its record
PROJECT = ("flows", "tasks", "models", "blender_assets")


def pipelines_of_users() -> dict[str, str]:
    """Modules by the name of their pipeline. ValueError where the variable says something else."""
    found = {}
    for item in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, module = item.strip().partition("=")
        if not name or not all(part.isidentifier() for part in module.split(".")):
            raise ValueError(
                f"{VARIABLE} is a list like night=night_pipeline.record (a name and the module of its PIPELINE, "
                f"separated by commas), but has {item!r}"
            )
        found[name] = module
    return found


def first_party() -> tuple[str, ...]:
    """Top-level packages whose code enters the keys of steps that use it."""
    packages = (module.partition(".")[0] for module in pipelines_of_users().values())
    return tuple(dict.fromkeys((*PROJECT, *packages)))

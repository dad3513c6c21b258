"""Automations of ours on a server: written once, changed where people left them alone."""

from typing import Any

from flows.server.api import ServerApi
from flows.server.last_deployed import LastDeployed

_OURS = ("description", "enabled", "trigger", "actions")
_SETS = ("expect", "after", "for_each")  # of a trigger


def write_automation(
    api: ServerApi, last: LastDeployed, ours: dict[str, Any], theirs: dict[str, Any] | None, *, is_new: bool
) -> str:
    """Make it, or change what is ours to change; a removed one stays away unless `is_new`. What became of it, in a word."""
    name = f"automation {ours['name']}"
    what = "is up to date"
    if theirs is None and last.knows(name) and not (is_new or last.is_reset):
        last.kept.append(f"{name}: removed or renamed")
        return "stays removed"
    if theirs is None:
        number, what = api.post("automations/", ours)["id"], "made"
    else:
        number = theirs["id"]
        if changes := last.changes(name, _part(ours), _part(theirs)):
            whole = {field: value for field, value in theirs.items() if field in ours}
            api.put(f"automations/{number}", whole | changes)
            what = f"changed: {', '.join(changes)}"
    last.note(name, _part(ours), _part(api.get(f"automations/{number}")))
    return what


def _part(automation: dict[str, Any]) -> dict[str, Any]:
    """What people may change; the server numbers triggers anew whenever they are written, and its sets have no order."""
    part = {field: automation[field] for field in _OURS}
    trigger = {key: value for key, value in part["trigger"].items() if key != "id"}
    return part | {"trigger": trigger | {name: sorted(trigger[name]) for name in _SETS if name in trigger}}

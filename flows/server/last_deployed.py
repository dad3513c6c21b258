"""What the last deploy wrote on the server, so that the next one brings our changes and leaves those of people."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flows.server.api import ServerApi

VARIABLE = "verisim_deployed"
_AUTOMATIONS = "automation "  # begins the names that a variable of their own holds: each has 5,000 characters
_VARIABLES = (VARIABLE, f"{VARIABLE}_automations")


class LastDeployed:
    """For every field of ours: a digest of what the server made of it, and one of what it was made from.

    They lie on the server itself, in its variables `verisim_deployed` and `verisim_deployed_automations`. A field whose
    digest there is another one was changed by people, and so was all that differs where there is no digest; with `is_reset`
    nothing counts as theirs.
    """

    def __init__(self, api: ServerApi, *, is_reset: bool = False) -> None:
        self.kept: list[str] = []  # in words: what people changed and this deploy left
        self.is_reset = is_reset
        self._api = api
        found = api.post("variables/filter", {"variables": {"name": {"any_": list(_VARIABLES)}}})
        self._ids: dict[str, str] = {variable["name"]: variable["id"] for variable in found}
        self._digests: dict[str, dict[str, str]] = {
            name: digests for variable in found for name, digests in variable["value"].items()
        }

    def knows(self, name: str) -> bool:
        """Whether something of this name was written before."""
        return name in self._digests

    def changes(self, name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
        """The fields to be written: those of ours that are new, where people left alone what the server has."""
        found = {}
        for field, value in ours.items():
            if value == theirs[field]:
                continue
            if self.is_reset or self._is_untouched(name, field, theirs[field]):
                if self.is_reset or self._last(name, field)[1] != _digest(value):
                    found[field] = value
            else:
                self.kept.append(f"{name}: {field}")
        return found

    def note(self, name: str, ours: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """Remember what the server has after the fields that `changes` gave were written."""
        before = self._digests.get(name, {})
        self._digests[name] = {
            field: before.get(field, _pair(value, value))
            if f"{name}: {field}" in self.kept
            else _pair(now[field], value)
            for field, value in ours.items()
        }

    def save(self) -> None:
        """Write the digests to the server."""
        for variable in _VARIABLES:
            value = {name: item for name, item in self._digests.items() if _variable_of(name) == variable}
            if variable in self._ids:
                self._api.patch(f"variables/{self._ids[variable]}", {"value": value})
            elif value:
                self._ids[variable] = self._api.post("variables/", {"name": variable, "value": value})["id"]

    def _is_untouched(self, name: str, field: str, value: Any) -> bool:
        if name in self._digests and field not in self._digests[name]:
            return not value  # a field that this version is the first to set
        return self._last(name, field)[0] == _digest(value)

    def _last(self, name: str, field: str) -> tuple[str, str]:
        """Digests of what the server had and of what it was made from; empty where nothing is known."""
        server, _, source = self._digests.get(name, {}).get(field, "").partition(" ")
        return server, source


def _variable_of(name: str) -> str:
    return _VARIABLES[name.startswith(_AUTOMATIONS)]


def _pair(now: Any, ours: Any) -> str:
    return f"{_digest(now)} {_digest(ours)}"


def _digest(value: Any) -> str:
    # Variables hold 5,000 characters; by chance two values are alike once in four billion changes.
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]

"""Automations that tell people, by a notification block of the server's, what does not go on by itself."""

from dataclasses import dataclass
from typing import Any

from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from flows.server.api import ServerApi
from flows.server.automations import write_automation
from flows.server.last_deployed import LastDeployed
from flows.server.pools import POOLS, pool_name
from flows.watching.events import DISK_LOW, SCHEDULER_SILENT, TRAINING_COLLAPSED, WORKER_SILENT

_PREFIX = "verisim: "
_OF_RUNS = {"prefect.resource.id": "prefect.tag.verisim", "prefect.resource.role": "tag"}


@dataclass(frozen=True)
class _Rule:
    """One automation: after which events of what, and what is said."""

    name: str
    expect: tuple[str, ...]
    match: dict[str, Any]
    match_related: dict[str, Any]
    body: str


def put_notifications(api: ServerApi, last: LastDeployed, block: str) -> list[str]:
    """What became of each automation, in a line. `block` is TYPE/NAME, e.g. slack-webhook/operators; ValueError for one that
    the server does not have.
    """
    document = _find_block(api, block)
    lines = []
    for rule in _rules():
        ours = _automation(rule, document)
        found = api.post("automations/filter", {"automations": {"name": {"any_": [ours["name"]]}}})
        what = write_automation(api, last, ours, found[0] if found else None, is_new=False)
        lines.append(f"automation {ours['name']} {what}")
    return lines


def _rules() -> tuple[_Rule, ...]:
    runs = {"prefect.resource.id": "prefect.flow-run.*"}
    pools = {"prefect.resource.id": "prefect.work-pool.*", "prefect.resource.name": [*map(pool_name, POOLS)]}
    said = "{{ flow.name }}: {{ flow_run.name }}"
    return (
        _Rule(
            "a run failed",
            ("prefect.flow-run.Failed", "prefect.flow-run.Crashed"),
            runs,
            _OF_RUNS,
            said + " ended as {{ flow_run.state.name }}: {{ flow_run.state.message }}\n{{ flow_run|ui_url }}",
        ),
        _Rule(
            "a run is late",
            ("prefect.flow-run.Late",),
            runs,
            _OF_RUNS,
            said + " should have begun, but no worker took it\n{{ flow_run|ui_url }}",
        ),
        *_of_ours(),
        _Rule(
            "a pool has no worker",
            ("prefect.work-pool.not-ready",),
            pools,
            {},
            "no worker polls the pool {{ work_pool.name }} any more\n{{ work_pool|ui_url }}",
        ),
    )


def _of_ours() -> tuple[_Rule, ...]:
    """After events of ours, which say what to do themselves."""
    events = {
        "a worker is silent": WORKER_SILENT,
        "the scheduler is silent": SCHEDULER_SILENT,
        "a disk is nearly full": DISK_LOW,
        "a training collapses": TRAINING_COLLAPSED,
    }
    anything = {"prefect.resource.id": "verisim.*"}
    return tuple(
        _Rule(name, (event,), anything, {}, "{{ event.payload.message }}") for name, event in events.items()
    )


def _automation(rule: _Rule, block_document: str) -> dict[str, Any]:
    trigger = EventTrigger(
        match=rule.match,  # type: ignore[arg-type]
        match_related=rule.match_related,  # type: ignore[arg-type]
        expect=set(rule.expect),
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )
    said = SendNotification(block_document_id=block_document, subject=_PREFIX + rule.name, body=rule.body)  # type: ignore[arg-type]
    whole = AutomationCore(name=_PREFIX + rule.name, description="", trigger=trigger, actions=[said])
    return whole.model_dump(mode="json")


def _find_block(api: ServerApi, block: str) -> str:
    kind, _, name = block.partition("/")
    chosen = {"block_documents": {"name": {"any_": [name]}}, "block_types": {"slug": {"any_": [kind]}}}
    found = api.post("block_documents/filter", chosen) if name else []
    if not found:
        raise ValueError(
            f"the server at {api.url} has no block {block!r}; make one under Blocks in its UI, e.g. a Slack Webhook called "
            "operators, and name it as TYPE/NAME: slack-webhook/operators"
        )
    return found[0]["id"]

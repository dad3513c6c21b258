"""The run that is going on: its store, what it obtained so far, and whether it only plans."""

import contextlib
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

from tasks.artifacts.explanation import Explainer
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.artifacts.store import Obtained, Store
from tasks.building import progress
from tasks.building.child_process import ChildFailed, is_stopped, stopped_within
from tasks.building.elsewhere import Order, Send, obtain_elsewhere
from tasks.building.steps import Step

_STORE_PATIENCE_S, _LOOK_EVERY_S = 600.0, 1.0
log = logging.getLogger("verisim.run")
Hashed = TypeVar("Hashed", bound=Hashable)
State = Literal["built", "reused", "failed", "missing", "waiting"]


class NotFoundError(LookupError):
    """The store has not got an artifact that is not to be built now."""


@dataclass(frozen=True)
class Pending:
    """Stands for an artifact that a plan cannot name yet, because it would have to be built first."""

    label: str


@dataclass(frozen=True)
class Outcome:
    """What became of one artifact in this run; `reasons` says why a plan would build it."""

    label: str
    kind: str
    state: State
    key: str = ""
    seconds: float = 0.0
    num_bytes: int = 0
    reasons: tuple[str, ...] = ()


@dataclass
class Run:
    """State of one run. `watch` hears every outcome and `listener_for` gives a step's progress listener.

    `send` has artifacts of some kinds built elsewhere, by kind.
    """

    store: Store
    name: str
    num_workers: int = 1
    is_plan: bool = False
    watch: Callable[[Outcome], None] = lambda outcome: None
    listener_for: Callable[[str], progress.Listener] = lambda label: lambda done, total, note: None
    send: Mapping[str, Send] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    started: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self._slots = threading.BoundedSemaphore(self.num_workers)
        self._guard = threading.Lock()
        started = time.strftime("%Y%m%dT%H%M%S", time.gmtime(self.started))
        self._record_name = f"{self.name}-{started}-{uuid.uuid4().hex[:8]}"
        self._written = 0.0
        self._status = "running"
        self._config: dict[str, Any] | None = None
        self._shared: dict[Any, Any] = {}
        self._explainer = Explainer(self.store)
        self._built: set[str] = set()
        self._texts: list[str] = []  # of outcomes, for the record: a large run writes it thousands of times

    def obtain(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Ref | Pending:
        """Find or build one artifact, or in a plan say what would happen; records the outcome.

        NotFoundError within `only_finding`, and nothing is recorded.
        """
        if self.is_plan:
            return self._plan(step, config, label, inputs)
        if _only_finding.get():
            return self._find(step, config, label, inputs)
        progress.listen(self.listener_for(label))
        try:
            obtained = self._obtain_patiently(step, config, label, inputs)
        except (
            Exception
        ) as error:  # not a signal: a step that ended because the run was stopped has not failed
            if not is_stopped():
                self._record(Outcome(label, step.kind, "failed", reasons=(str(error),)))
            raise
        ref, state = obtained.ref, "built" if obtained.was_built else "reused"
        self._record(Outcome(label, step.kind, state, ref.key, obtained.seconds, ref.num_bytes))
        return ref

    def _find(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Ref:
        if ref := self.store.find(step.recipe(config, inputs).key):
            return self.adopt(ref, label)
        raise NotFoundError(label)

    def _obtain_patiently(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Obtained:
        """Find or build; what fails while the store cannot be reached is tried again when it can."""
        while True:
            try:
                return self._find_or_build(step, config, label, inputs)
            except Exception:
                if is_stopped() or self.store.is_reachable():
                    raise
                log.warning("%s waits: the store %s cannot be reached", label, self.store.place)
                if not self._wait_for_store():
                    raise

    def _wait_for_store(self) -> bool:
        """Whether the store is back within some minutes. Holds no slot."""
        asked = time.monotonic()
        while time.monotonic() - asked < _STORE_PATIENCE_S and not stopped_within(_LOOK_EVERY_S):
            if self.store.is_reachable():
                return True
        return False

    def _find_or_build(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Obtained:
        if step.kind in self.send:
            order = Order(label, step.recipe(config, inputs))
            return obtain_elsewhere(self.store, order, self.send[step.kind])
        # Only building takes a slot, and no build waits for another build of this run: no deadlock.
        return step.obtain(self.store, config, inputs, slots=self._slot())

    @contextlib.contextmanager
    def _slot(self) -> Iterator[None]:
        with self._slots:
            if is_stopped():
                raise ChildFailed("not built: the run was stopped")
            yield

    def adopt(self, ref: Ref, label: str) -> Ref:
        """Record an artifact that was found by its name instead of by what it is made from."""
        self._record(Outcome(label, ref.kind, "reused", ref.key, num_bytes=ref.num_bytes))
        return ref

    def shared(self, value: Hashed) -> Hashed:
        """The first value of this run that equals this one: what one holds, such as files that it has read, all see."""
        with self._guard:
            return self._shared.setdefault(value, value)

    @property
    def id(self) -> str:
        """Of its record and its page in the store."""
        return self._record_name

    def record(self, status: str, config: dict[str, Any] | None) -> dict[str, Any]:
        """What its record would say if it ended so now."""
        made = [asdict(outcome) for outcome in self.outcomes]
        return self._head(status, config) | {"artifacts": made}

    def _head(self, status: str, config: dict[str, Any] | None) -> dict[str, Any]:
        """The record without its long part."""
        times = {"started": self.started, "ended": time.time()}
        return {"run": self.name, "status": status, **times, "config": config}

    def count(self, state: State) -> int:
        return sum(outcome.state == state for outcome in self.outcomes)

    def made(self) -> str:
        """How many artifacts were built, were found, or failed, in words."""
        built, reused, failed = (self.count(state) for state in ("built", "reused", "failed"))
        return f"built {built}, reused {reused}, failed {failed}"

    def was_built(self, ref: Ref) -> bool:
        """Whether this run built the artifact, or found it."""
        return ref.key in self._built

    def _plan(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Ref | Pending:
        waits = [value.label for value in _flat(inputs) if isinstance(value, Pending)]
        if waits:
            self._record(Outcome(label, step.kind, "waiting", reasons=(f"waits for {waits[0]}",)))
            return Pending(label)
        recipe = step.recipe(config, inputs)
        ref = self.store.find(recipe.key)
        if ref:
            self._record(Outcome(label, step.kind, "reused", ref.key, num_bytes=ref.num_bytes))
            return ref
        reasons = tuple(self._explainer.explain(recipe))
        self._record(Outcome(label, step.kind, "missing", recipe.key, reasons=reasons))
        return Pending(label)

    def _record(self, outcome: Outcome) -> None:
        with self._guard:
            self.outcomes.append(outcome)
            if outcome.state == "built":
                self._built.add(outcome.key)
            self.watch(outcome)
            is_due = outcome.state == "built" or time.time() - self._written > 1.0
            if not self.is_plan and is_due:
                self._write()

    def finish(self, status: str, config: dict[str, Any]) -> None:
        """Write the run's record for good; its artifacts are roots of gc.

        A step that still ends after an interrupt is added to the record, which keeps its status.
        """
        with self._guard:
            self._status, self._config = status, config
            self._write()

    def _write(self) -> None:
        if not self.store.is_reachable():  # writing would make a folder where the store is expected back
            return
        self._written = time.time()
        self._texts += [json.dumps(asdict(outcome)) for outcome in self.outcomes[len(self._texts) :]]
        head = json.dumps(self._head(self._status, self._config))
        text = f'{head[:-1]}, "artifacts": [{", ".join(self._texts)}]}}'
        with contextlib.suppress(OSError):  # a full disk has been reported by the step that met it
            self.store.write_record(self._record_name, text)


_current: ContextVar[Run | None] = ContextVar("current_run", default=None)
_only_finding: ContextVar[bool] = ContextVar("only_finding", default=False)


@contextlib.contextmanager
def only_finding() -> Iterator[None]:
    """Meanwhile steps of this context are looked up and not built."""
    token = _only_finding.set(True)
    try:
        yield
    finally:
        _only_finding.reset(token)


@contextlib.contextmanager
def going_on(run: Run) -> Iterator[Run]:
    """Make `run` the current one for this context and the task threads started in it."""
    token = _current.set(run)
    try:
        yield run
    finally:
        _current.reset(token)


def find_run() -> Run | None:
    """The current run, if one was made."""
    return _current.get()


def current_run() -> Run:
    run = _current.get()
    assert run is not None, "a step was asked for outside of `going_on(run)`"
    return run


def _flat(inputs: dict[str, Any]) -> list[Any]:
    return [
        item
        for value in inputs.values()
        for item in ([value] if isinstance(value, Ref | SourceFiles | Pending) else value)
    ]

"""The life of an order: every state, every step from one to the next, what takes it, and who may (pure).

The handler walks this table; docs/orders.md shows it. What an order has come to is what the last event about it says,
so whoever starts anew reads the state out of the log. `sent` alone stands in no log: it is known to the run that sent
it, and to whoever comes after it the order is in doubt. No step leads from `in_doubt` to a request but the panic's:
under the same name, which the exchange takes once.
"""

from typing import Literal, NamedTuple

from shared.errors import Permanent

State = Literal[
    "decided",
    "intended",
    "sent",
    "in_doubt",
    "executed",
    "filled",
    "skipped",
    "denied",
    "rejected",
    "unresolved",
    "failed",
    "found",
    "settled",
]
# executor: the run that has taken the decision up. repeat: any run that finds in the log what another one has done.
# dead_letter: what ends a cycle whose message no run could carry out.
Mover = Literal["executor", "repeat", "panic", "dead_letter", "comparison", "settle", "adopt"]


class Step(NamedTuple):
    """what: the kind of the event that is stored, of the exchange's answer, or READ."""

    before: State
    what: str
    after: State
    movers: tuple[Mover, ...]


READ = "read"  # another run finds the intent and cannot know whether it was sent
BEGINS: tuple[State, ...] = ("decided", "found")  # found: also an order of which the log knows nothing

STEPS: tuple[Step, ...] = (
    Step("decided", "OrderSkipped", "skipped", ("executor",)),
    Step("decided", "OrderRejected", "rejected", ("executor",)),
    Step("decided", "OrderDenied", "denied", ("executor",)),
    Step("decided", "OrderIntended", "intended", ("executor", "panic")),
    Step("decided", "CycleFailed", "failed", ("dead_letter",)),
    Step("intended", "OrderDenied", "denied", ("executor",)),
    Step("intended", "Accepted", "sent", ("executor", "panic")),
    Step("intended", "SaidNo", "sent", ("executor", "panic")),
    Step("intended", "Unknown", "sent", ("executor", "panic")),
    Step("intended", "NeverSent", "sent", ("executor", "panic")),
    Step("intended", "NameTaken", "sent", ("panic",)),
    Step("intended", "OrderUnresolved", "unresolved", ("executor",)),
    Step("intended", READ, "in_doubt", ("repeat", "panic", "dead_letter", "settle")),
    Step("sent", "FillRecorded", "executed", ("executor", "panic")),
    Step("sent", "OrderRejected", "rejected", ("executor", "panic")),
    Step("sent", "OrderUnresolved", "unresolved", ("executor",)),
    Step("in_doubt", "FillRecorded", "executed", ("repeat", "panic")),
    Step("in_doubt", "OrderRejected", "rejected", ("repeat",)),
    Step("in_doubt", "OrderUnresolved", "unresolved", ("repeat", "dead_letter")),
    Step("in_doubt", "Accepted", "sent", ("panic",)),
    Step("in_doubt", "SaidNo", "sent", ("panic",)),
    Step("in_doubt", "Unknown", "sent", ("panic",)),
    Step("in_doubt", "NameTaken", "sent", ("panic",)),
    Step("in_doubt", "OrderSettled", "settled", ("settle",)),
    Step("executed", "OrderFilled", "filled", ("executor", "repeat", "panic")),
    Step("executed", "OrderUnresolved", "unresolved", ("dead_letter",)),
    Step("executed", "OrderSettled", "settled", ("settle", "adopt")),
    Step("unresolved", "FillRecorded", "executed", ("settle", "panic")),
    Step("unresolved", "OrderSettled", "settled", ("settle",)),
    Step("rejected", "OrderFound", "found", ("comparison",)),
    Step("denied", "OrderFound", "found", ("comparison",)),
    Step("settled", "OrderFound", "found", ("comparison",)),
    Step("found", "FillRecorded", "executed", ("adopt",)),
    Step("found", "OrderSettled", "settled", ("adopt",)),
)
_ALLOWED = {(step.before, step.what): step for step in STEPS}
_LEADS_TO = {step.what: step.after for step in STEPS}

# The cycle's one end. Of these `unresolved` waits for a person, and so does `found`, which is no cycle's end.
ENDS: frozenset[State] = frozenset({"filled", "skipped", "denied", "rejected", "unresolved", "failed"})


class NoStep(Permanent):
    """The code has taken a step that the life of an order does not have."""


def after(before: State, what: str, mover: Mover) -> State:
    """Where a step leads. Raises NoStep where nobody, or not this mover, may take it."""
    step = _ALLOWED.get((before, what))
    if step is None:
        raise NoStep(f"an order that is {before} takes no step by {what}")
    if mover not in step.movers:
        raise NoStep(f"an order that is {before} is not moved by {what} of {mover}, but of {', '.join(step.movers)}")
    return step.after


def stands(kind: str, reader: Mover) -> State:
    """Where an order stands of which the log has an event of this kind as the last. Raises NoStep."""
    state = _LEADS_TO.get(kind)
    if state is None:
        raise NoStep(f"the log says nothing of an order by {kind}")
    return after(state, READ, reader) if state == "intended" else state

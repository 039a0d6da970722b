"""Orders whose outcome nobody knows yet (pure)."""

from shared.api.cycles import Cycle, CycleDetail


def may_be_open(cycle: Cycle) -> bool:
    """Whether an order was left unresolved; a person may have settled it since."""
    return cycle.end_kind == "OrderUnresolved"


def is_settled(cycle: CycleDetail) -> bool:
    return any(logged.event.get("kind") == "OrderSettled" for logged in cycle.events)

"""The hour that `upcycle ask` asks about: of a tape, with an account that holds nothing, or as the bot recorded it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.cli.event_log import OpenLog, event_log
from services.cli.tape_hour import choose_slot
from services.local.chain import chain
from services.paper.adapters.tape_settings import open_tape
from shared.catalogue import sentence
from shared.catalogue.missed_slots import more_of
from shared.errors import BadRequest
from shared.events import CycleFailed, CycleMissed, DecisionMade, SignalPassed, SignalRejected, SnapshotTaken
from shared.settings import Settings
from shared.types import CycleId, Market

UP_TO_THE_GATE = ("collector", "filter")


@dataclass(frozen=True)
class Hour:
    """What was seen, and what the gate says of it. Asked by hand, a rejected hour is judged all the same."""

    snapshot: SnapshotTaken
    signal: SignalPassed
    rejected: bool
    synthetic: bool = False  # the tape's prices
    opening: DecisionMade | None = None  # by which the held position was opened
    then: DecisionMade | None = None  # what the bot itself decided, where the hour is a recorded one
    recorded: bool = False


async def of_tape(settings: Settings, market: Market, at: str | None) -> Hour:
    """Collector and filter of a throw-away chain, up to the gate's word. Raises BadRequest."""
    with tempfile.TemporaryDirectory(prefix="upcycle-") as folder:
        here = settings.model_copy(update={"data_dir": Path(folder)})
        played = open_tape(here)
        slot = choose_slot(played, market, at)
        snapshot, signal = await _look(here.model_copy(update={"tape_from": slot.isoformat()}))
    return _hour(snapshot, signal, synthetic=played.synthetic)


async def of_log(settings: Settings, market: Market, cycle: str, nats_url: str | None) -> Hour:
    """A cycle as it lies in the log, `last` being the market's newest. Raises BadRequest."""
    async with event_log(settings, nats_url=nats_url) as log:
        name = await log.last_started(market) if cycle == "last" else cycle
        record = await log.records.cycle(name)
        snapshot = record.first(SnapshotTaken)
        signal = record.first(SignalPassed) or record.first(SignalRejected)
        if snapshot is None or signal is None:
            lacks = "snapshot" if snapshot is None else "signal of the gate"
            raise BadRequest(f"the log of {log.place} has no {lacks} of {name}; upcycle why {name} tells what it has")
        opening = await _opening(log, snapshot)
        return _hour(snapshot, signal, opening=opening, then=record.first(DecisionMade), recorded=True)


async def _opening(log: OpenLog, snapshot: SnapshotTaken) -> DecisionMade | None:
    by: CycleId | None = snapshot.position.opened_by if snapshot.position else None
    return None if by is None else (await log.records.cycle(by)).first(DecisionMade)


def _hour(
    snapshot: SnapshotTaken,
    signal: SignalPassed | SignalRejected,
    *,
    synthetic: bool = False,
    opening: DecisionMade | None = None,
    then: DecisionMade | None = None,
    recorded: bool = False,
) -> Hour:
    rejected = isinstance(signal, SignalRejected)
    passed = _all_the_same(signal) if isinstance(signal, SignalRejected) else signal
    return Hour(snapshot, passed, rejected, synthetic, opening, then, recorded)


def _all_the_same(no: SignalRejected) -> SignalPassed:
    return SignalPassed(cycle=no.cycle, report=no.report, exit_only=False, objections=no.objections)


async def _look(settings: Settings) -> tuple[SnapshotTaken, SignalPassed | SignalRejected]:
    snapshot = None
    async with chain(settings, pipeline=UP_TO_THE_GATE) as running:
        try:
            async for event in running.events(cycles=1):
                match event:
                    case SnapshotTaken():
                        snapshot = event
                    case CycleMissed():
                        more = f", {sentence(told, 'en')}" if (told := more_of(event)) else ""
                        raise BadRequest(f"{event.cycle} is not looked at: {event.reason}{more}")
                    case SignalPassed() | SignalRejected() if snapshot:
                        return snapshot, event
                    case CycleFailed():
                        raise BadRequest(f"{event.cycle} cannot be looked at: {event.reason}")
        except TimeoutError:
            raise BadRequest("the look at the market went silent; upcycle cycle shows where") from None
    raise BadRequest("the look at the market ended without a word; upcycle cycle shows why")

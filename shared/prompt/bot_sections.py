"""The prompt's sections about the bot: may it buy, what it holds and why, what it did, what its gate says (pure)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from shared.candle_arrays import CandleArrays
from shared.events import DecisionMade, Objection, SignalPassed, SnapshotTaken
from shared.prompt import choices
from shared.prompt.codes import VOTES, code
from shared.prompt.evidence import EvidenceName, unit_of
from shared.prompt.fact_text import NONE, FactWriter, number
from shared.types import slot_time, split_cycle

HOUR = timedelta(hours=1)
FACTS = frozenset(EvidenceName)
EVIDENCE_MAX = 10  # of what an earlier reply cited


def may_buy(signal: SignalPassed, snapshot: SnapshotTaken) -> str:
    block = choices.buy_block(signal, snapshot)
    return "yes" if block is None else f"no ({code(block)}): a buy will be refused; answer sell or hold"


def position(snapshot: SnapshotTaken, opening: DecisionMade | None, fact_lines: FactWriter) -> str:
    if not choices.holds(snapshot):
        return f"{NONE}: there is nothing to sell"
    names = ("position_volume", "position_cost", "position_price", "position_return", "position_age")
    return "\n".join([fact_lines(*names), "", *_why_opened(opening, fact_lines.coin)])


def _why_opened(opening: DecisionMade | None, coin: str) -> Iterator[str]:
    if opening is None:
        yield "why it was bought: not on record"
        return
    opened = slot_time(opening.slot)
    sure = f", confidence {opening.confidence}" if opening.confidence else ""
    yield f"why it was bought, {opened:%Y-%m-%d %H:%M} UTC at {number(float(opening.price))} KRW:"
    yield f"{opening.analyst} analyst, {code(opening.reason_code)}{sure}"
    for vote in opening.votes:
        if vote.name in VOTES:
            yield f"then the vote of {vote.name} was {vote.vote:+d} at {number(vote.value, 6)}"
    for fact in opening.call.evidence[:EVIDENCE_MAX] if opening.call else ():
        if fact.name in FACTS:
            yield f"then {fact.name} was {number(fact.value)} {unit_of(EvidenceName(fact.name), coin)}"


def past(snapshot: SnapshotTaken, hours: CandleArrays, cycles: int) -> str:
    """Each with the price of then, the close of the hour that ended at its slot, and what came of it."""
    if not snapshot.past:
        return NONE
    lines = []
    for one in snapshot.past[:cycles]:
        at = slot_time(split_cycle(one.cycle)[1])
        line = f"{at:%Y-%m-%d %H:%M} UTC: {one.decision}, {code(one.end)}, {code(one.reason_code)}"
        then = hours.close_of(at - HOUR)
        if then is not None:
            since = float(snapshot.price) / then - 1
            line += f"; price then {number(then)} KRW, since then {number(since, 4)} share"
        lines.append(line)
    return "\n".join(lines)


def gate(signal: SignalPassed, fact_lines: FactWriter) -> str:
    names = ("gate_win_rate", "gate_drawdown", "gate_trades", "gate_expectancy", "gate_total_return")
    outcome = "not passed: exit only" if signal.exit_only else "not passed" if signal.objections else "passed"
    return "\n".join([f"verdict: {outcome}", fact_lines(*names), *_objections(signal.objections)])


def _objections(objections: Sequence[Objection]) -> Iterator[str]:
    for no in objections:
        unit = "trades" if no.code == "TRADES" else "share"
        yield f"objection {no.code}: {number(no.value, 6)} {unit}, limit {number(no.limit, 6)} {unit}"

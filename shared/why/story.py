"""The story of a cycle, section by section, in the order it happened (pure)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from shared import events as ev
from shared.catalogue import sentence
from shared.catalogue.missed_slots import more_of
from shared.glossary import CAUSES, MOODS, SIDES, STAGE_NAMES
from shared.plain_text import one_line
from shared.reason import Reason
from shared.services import STAGES, stage_of
from shared.types import Language, slot_time, split_cycle
from shared.why.gate import gate
from shared.why.record import Record
from shared.why.sale import cut
from shared.why.words import WORDS
from shared.writing import coins, percent, ratio, seconds, seoul, share, significant, whole, won


def why(record: Record, language: Language) -> str:
    """Tell what was seen, judged, said, ordered and filled, how long it took, and what went wrong."""
    say = WORDS[language]
    sections = {
        "seen": market(record, language),
        "gate": gate(record, language),
        "analyst": analyst(record, language),
        "exit": exit_rule(record, language),
        "order": order(record, language),
        "times": times(record, language),
        "trouble": trouble(record, language),
    }
    lines = [record.cycle, *headline(record, language)]
    for name, section in sections.items():
        if told := list(section):
            lines += ["", say[name], *(f"  {line}" for line in told)]
    return "\n".join(map(one_line, lines)) + "\n"


def headline(record: Record, language: Language) -> Iterator[str]:
    say, (market, slot) = WORDS[language], split_cycle(record.cycle)
    exit_ = record.first(ev.ExitDue) or record.first(ev.SaleDue)  # a panic's slot is that of the position it closes
    at = say["started"].format(market=market, at=seoul(exit_.at if exit_ else slot_time(slot)))
    end, miss = record.first(ev.CycleEnded), record.first(ev.CycleMissed)
    if miss is not None:
        more = f" ({sentence(told, language)})" if (told := more_of(miss)) else ""
        yield f"{at}: {say['missed'].format(cause=CAUSES[language][miss.reason])}{more}"
    elif end is None and record.first(ev.OrderSettled):
        yield f"{at}: {say['adopted']}"
    elif end is None:
        yield f"{at}: {say['open'].format(stage=_stage(waiting_for(record), language))}"
    else:
        side = getattr(end, "wanted", end.decision)
        yield f"{at}: {say[end.kind].format(side=SIDES[language][side], stage=_stage(end.stage, language))}"
        yield from _reason(end, language)


def _reason(end: ev.CycleEnded, language: Language) -> Iterator[str]:
    say, told = WORDS[language], sentence(end, language)
    if language == "ko" or end.kind != "CycleRejected":  # whose numbers the gate's section says
        # The numbers that decided an older denial stand in its own words alone.
        older = isinstance(end, ev.OrderDenied) and end.reason not in ("", told)
        yield say["words"].format(reason=f"{told} ({end.reason})" if older else told)
    yield say["code"].format(code=end.reason_code)


def waiting_for(record: Record) -> str:
    """The stage whose answer is the next one to come."""
    last = record.entries[-1].event if record.entries else None
    if isinstance(last, ev.ExitDue | ev.SaleDue):
        return "executor"
    done = "clock" if last is None else stage_of(last)
    if isinstance(last, ev.SignalRejected):
        return "filter"
    return STAGES[min(STAGES.index(done) + 1, len(STAGES) - 1)] if done in STAGES else "executor"


def market(record: Record, language: Language) -> Iterator[str]:
    say, snapshot = WORDS[language], record.first(ev.SnapshotTaken)
    if snapshot is None:
        return
    best = snapshot.book.levels[0]
    spread = float((best.ask_price - best.bid_price) / best.bid_price)
    bid, ask = won(best.bid_price, language), won(best.ask_price, language)
    yield say["price"].format(price=won(snapshot.price, language), bid=bid, ask=ask, spread=percent(spread, 3))
    held = _held(snapshot.position, snapshot.market, language)
    yield say["money"].format(cash=won(snapshot.balances.krw_free, language), held=held)
    own = snapshot.position.volume if snapshot.position else Decimal(0)
    yield from _drift(own - snapshot.balances.coin_free - snapshot.balances.coin_locked, own, snapshot.market, language)
    risk, crash = snapshot.safety.market_risk, snapshot.safety.flash_crash
    yield say["risk"].format(
        level=say[risk.level],
        hour=share(risk.btc_change_1h, signed=True),
        day=share(risk.btc_change_24h, signed=True),
        correlation="-" if risk.correlation is None else f"{risk.correlation:.2f}",
        beta="-" if risk.beta is None else f"{risk.beta:.2f}",
    )
    yield say[f"crash_{crash.state}"].format(fall=share(crash.fall), sigma=f"{crash.sigma:.1f}")
    yield say[f"divergence_{snapshot.safety.rsi_divergence.kind}"]
    mood = snapshot.fear_greed
    if isinstance(mood, ev.Absent):
        yield say["no_fear_greed"].format(
            why=sentence(Reason(mood.reason_code, mood.figures, text=mood.absent), language)
        )
    else:
        yield say["fear_greed"].format(value=mood.value, label=MOODS[language].get(mood.label.lower(), mood.label))


def analyst(record: Record, language: Language) -> Iterator[str]:
    say, said = WORDS[language], record.first(ev.DecisionMade)
    if said is None:
        return
    confidence = say[said.confidence or "no_confidence"]
    yield say["said"].format(who=say[said.analyst], choice=SIDES[language][said.decision], confidence=confidence)
    yield say["quote"].format(reason=sentence(said, language), code=said.reason_code)
    if said.buy_blocked_by:
        yield say["blocked"].format(code=said.buy_blocked_by)
    for vote in said.votes:
        value = share(vote.value, signed=True) if vote.name == "days" else ratio(vote.value)
        word = SIDES[language]["buy" if vote.vote > 0 else "sell"] if vote.vote else say["no_vote"]
        yield say["vote"].format(name=say.get(f"vote_{vote.name}", vote.name), value=value, vote=word)
    if said.call is not None:
        yield from _call(said.call, language)
    if said.lost is not None:
        yield say["lost"].format(calls=said.lost.calls, krw=won(said.lost.cost_krw, language))


def _call(call: ev.ModelCall, language: Language) -> Iterator[str]:
    say, tokens = WORDS[language], ""
    if call.tokens_in is not None and call.tokens_out is not None:
        cached = whole(call.tokens_cached or 0)
        tokens = say["tokens"].format(tokens_in=whole(call.tokens_in), cached=cached, tokens_out=whole(call.tokens_out))
    yield say["call"].format(
        model=call.served_by or call.model,
        prompt=call.prompt_version,
        tokens=tokens or say["no_tokens" if call.billed else "unbilled"],
        krw=won(call.cost_krw, language),
        usd=f"{call.cost_usd:.4f}",
    )
    if call.evidence:
        yield say["evidence"].format(
            facts=", ".join(f"{fact.name} {significant(fact.value, 10)}" for fact in call.evidence)
        )


def exit_rule(record: Record, language: Language) -> Iterator[str]:
    say, due = WORDS[language], record.first(ev.ExitDue)
    if owners := record.first(ev.SaleDue):
        held = _held(owners.position, owners.market, language)
        yield say["sale_due"].format(by=owners.by, price=won(owners.price, language), held=held)
    if due is None:
        return
    yield say["quote"].format(reason=sentence(due, language), code=due.reason_code)
    peak = "-" if due.peak is None else won(due.peak, language)
    yield say["exit_price"].format(price=won(due.price, language), peak=peak)
    yield say["exit_held"].format(held=_held(due.position, due.market, language))


def order(record: Record, language: Language) -> Iterator[str]:
    say = WORDS[language]
    intent, fill = record.first(ev.OrderIntended), record.first(ev.FillRecorded)
    yield from _books(intent or record.first(ev.OrderDenied), language)
    if intent is None:
        decided = record.first(ev.DecisionMade) or record.first(ev.ExitDue) or record.first(ev.SaleDue)
        if decided is not None and record.first(ev.CycleEnded) is not None:
            yield say["no_order"]
        return
    if intent.funds is not None:
        yield say["intent_buy"].format(funds=won(intent.funds, language), id=intent.client_order_id)
    elif intent.volume is not None:
        yield say["intent_sell"].format(volume=coins(intent.volume, intent.market), id=intent.client_order_id)
    if fill is None and (promised := cut(intent, language)):
        yield promised
    if isinstance(end := record.first(ev.CycleEnded), ev.OrderDenied) or (end and end.reason_code == "NEVER_SENT"):
        yield say["never_left"]
    if fill is not None:
        yield say["filled"].format(
            volume=coins(fill.volume, fill.market),
            price=won(fill.price, language),
            funds=won(fill.funds, language),
            fee=won(fill.fee, language),
            trades=fill.trades,
        )
        yield say["slippage"].format(slippage=percent(fill.slippage, 3, signed=True))
        if was_cut := cut(fill, language):
            yield was_cut
        if fill.profit is not None:
            yield say["profit"].format(profit=won(fill.profit, language))
        yield say["holds_after"].format(held=_held(fill.position, fill.market, language))
    if (settled := record.first(ev.OrderSettled)) is not None:
        executed = coins(settled.executed, settled.market)
        yield say["settled"].format(by=settled.by, executed=executed, said=settled.said)


def _books(order: ev.OrderIntended | ev.OrderDenied | None, language: Language) -> Iterator[str]:
    """What the limits over all markets were held against."""
    if order is None or order.books is None:
        return
    books = order.books
    profit = won(books.profit_today, language)
    yield WORDS[language]["books"].format(orders=books.orders_today, profit=profit)
    yield from _drift(books.drift, books.held, order.market, language)


def _drift(missing: Decimal, held: Decimal, market: str, language: Language) -> Iterator[str]:
    """Coins that are in the books and not on the account."""
    if missing > 0:
        yield WORDS[language]["drift"].format(drift=coins(missing, market), held=coins(held, market))


def times(record: Record, language: Language) -> Iterator[str]:
    """From one stored event to the next; what a stage stored in several steps is one span."""
    say = WORDS[language]
    spans: dict[str, timedelta] = {}
    for before, now in pairwise(record.entries):
        stage = stage_of(now.event)
        spans[stage] = spans.get(stage, timedelta()) + (now.at - before.at)
    if spans:
        yield ", ".join(
            say["took"].format(stage=_stage(stage, language), seconds=seconds(span)) for stage, span in spans.items()
        )
        yield say["all"].format(seconds=seconds(record.entries[-1].at - record.entries[0].at))


def trouble(record: Record, language: Language) -> Iterator[str]:
    say = WORDS[language]
    again = {stage_of(entry.event): entry.delivery for entry in record.entries if entry.delivery > 1}
    for stage, n in again.items():
        yield say["again"].format(stage=_stage(stage, language), n=n)
    for fault in record.faults:
        yield say["fault"].format(stage=_stage(fault.stage, language), n=fault.deliveries, id=fault.id, why=fault.why)
    for what in record.unreadable:
        yield say["unreadable"].format(what=what)
    if not (again or record.faults or record.unreadable or record.first(ev.CycleMissed)):
        yield say["calm"]


def _stage(name: str, language: Language) -> str:
    return STAGE_NAMES[language].get(name, name)


def _held(position: ev.Position | None, market: str, language: Language) -> str:
    say = WORDS[language]
    if position is None or not position.volume:
        return say["nothing_held"]
    since = position.opened_by or "-"
    return say["held"].format(volume=coins(position.volume, market), cost=won(position.cost, language), since=since)

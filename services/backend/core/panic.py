"""What a panic would bring, and how the last one stands (pure)."""

from collections.abc import Iterable
from datetime import timedelta

from services.backend.core.sale import Bids
from shared.api.panic import LastPanic, PanicNote, PanicPosition
from shared.catalogue import panic as texts
from shared.catalogue import risk, sentence
from shared.events import PanicDue, PanicEnded, Position
from shared.events import PanicNote as Note
from shared.types import Krw, Language, Market, UtcTime
from shared.venue import MIN_TOTAL, fee, walk_sell

_WITHIN = timedelta(minutes=2)  # the executor carries out no older request


def is_old(due: PanicDue, now: UtcTime) -> bool:
    return now - due.at > _WITHIN


def position(market: Market, held: Position, bids: Bids | None, doubt: str, language: Language) -> PanicPosition:
    """bids: None where the exchange shows none. doubt: why it may not be sold, of the book or of an order."""
    walk = walk_sell(bids.book.levels if bids else (), held.volume)
    if walk.average is None:
        return PanicPosition(market=market, amount=held.volume, shown=walk.volume, price=None, total=None, note=doubt)
    return PanicPosition(
        market=market,
        amount=held.volume,
        shown=walk.volume,
        price=walk.average,
        total=Krw(walk.funds - fee(walk.funds)),
        note=doubt or _too_small(Krw(held.volume * walk.average), language),
    )


def _too_small(value: Krw, language: Language) -> str:
    if value >= MIN_TOTAL:
        return ""
    return sentence(risk.BELOW_MINIMUM.because({"value": value, "least": MIN_TOTAL}), language)


def last(due: PanicDue, ended: PanicEnded | None, language: Language) -> LastPanic:
    return LastPanic(
        id=due.id,
        by=due.by,
        at=due.at,
        sell=due.sell,
        ended_at=ended.at if ended else None,
        notes=_notes(ended.notes if ended else (), language),
        undone=_notes(ended.undone if ended else (), language),
    )


def _notes(notes: Iterable[Note], language: Language) -> tuple[PanicNote, ...]:
    return tuple(
        PanicNote(about=note.about, reason_code=note.reason_code, figures=note.figures, text=sentence(note, language))
        for note in notes
    )


def promised(*, sell: bool, is_halted: bool, is_heard: bool, language: Language) -> str:
    """What is done of a request, and what is to come."""
    to_come = (texts.TO_SELL if sell else texts.TO_CANCEL) if is_heard else texts.UNHEARD
    told = [to_come] if is_halted else [texts.NOT_HALTED, *([] if is_heard else [texts.UNHEARD])]
    return ". ".join(sentence(entry.because(), language) for entry in told)

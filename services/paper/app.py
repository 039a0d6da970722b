"""The paper exchange: which tape, which clock, where the account lies. `create_app` is what a server runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.paper.adapters.books_file import load_books
from services.paper.adapters.fault_middleware import FaultMiddleware
from services.paper.adapters.journal_file import JournalFile
from services.paper.adapters.nonces import NonceFiles
from services.paper.adapters.played_clock import PlayedClock
from services.paper.adapters.tape_settings import HISTORY, open_clock, open_tape
from services.paper.adapters.upbit_quotes import NoQuotes, UpbitQuotes, follow
from services.paper.core.auth import Authenticator, KeyState
from services.paper.core.exchange import PaperExchange
from services.paper.core.faults import Faults, Script, read_script
from services.paper.core.quotas import Quotas
from services.paper.core.refusal import Refusal
from services.paper.core.tape import BadTape
from services.paper.core.tape_names import LIVE, parts
from services.paper.routes import admin, books, candles, exchange, order_lists, quotation
from services.paper.routes.quota_middleware import QuotaMiddleware
from shared.clock import monotonic
from shared.settings import Settings

KEY_LASTS = timedelta(days=365)  # beyond the tape
SERVER = {"date_header": False}  # the exchange sends its own time


def open_quotes(settings: Settings) -> UpbitQuotes | None:
    """Where PAPER_TAPE=upbit; Bitcoin is always among the markets. Raises BadTape."""
    if settings.paper_tape != LIVE:
        return None
    if settings.paper_clock != "wall":
        raise BadTape("PAPER_TAPE=upbit plays now; it needs PAPER_CLOCK=wall")
    return UpbitQuotes(settings.paper_quotes_url, ["KRW-BTC", *settings.markets])


def create_exchange(settings: Settings, quotes: UpbitQuotes | None = None) -> PaperExchange:
    """Raises BadTape or BadJournal with one sentence."""
    try:
        tape = quotes.first(quotes.now(), HISTORY) if quotes else open_tape(settings)
    except NoQuotes as e:
        if quotes:
            quotes.close()
        raise BadTape(f"PAPER_TAPE=upbit: {e}") from e
    clock = quotes.clock if quotes else open_clock(settings, tape)
    paper = PaperExchange(
        tape,
        clock,
        journal=JournalFile(settings.data_dir / "paper" / "journal.jsonl"),
        opening=settings.paper_balance_krw,
        spread=Decimal(str(settings.paper_spread)),
        depth=settings.paper_depth_krw,
        books=load_books(parts(settings.paper_books)),
    )
    if isinstance(clock, PlayedClock) and paper.ledger.latest_at:
        clock.start_at(paper.ledger.latest_at)
    first, last = tape.span
    if not first <= paper.now <= last:
        paper.close()
        stands = "PAPER_CLOCK=wall plays it now," if settings.paper_clock == "wall" else "the exchange stands"
        raise BadTape(
            f"the tape of {', '.join(tape.markets)} goes from {first.isoformat()} to {last.isoformat()}, but {stands} "
            f"at {paper.now.isoformat()}; give PAPER_TAPE another tape, or set PAPER_CLOCK=stepped and TAPE_FROM"
        )
    return paper


def open_quotas(settings: Settings, paper: PaperExchange) -> Quotas:
    """tape: on the exchange's time; nothing is counted while somebody steps it."""
    if settings.paper_limits == "off" or (settings.paper_limits == "tape" and paper.stepped):
        return Quotas(None)
    return Quotas(monotonic if settings.paper_limits == "wall" else lambda: paper.now.timestamp())  # noqa: PLW0108


def read_faults(settings: Settings) -> Script:
    """Raises BadTape with one sentence."""
    if settings.paper_faults is None:
        return Script()
    try:
        return read_script(settings.paper_faults.read_bytes())
    except (OSError, Refusal) as e:
        raise BadTape(f"PAPER_FAULTS: {settings.paper_faults}: {e}") from e


def create_app(settings: Settings | None = None) -> Starlette:
    """Lets the account go when the server stops."""
    settings = settings or Settings.load()
    script = read_faults(settings)
    app = Starlette(
        routes=[route for part in (quotation, books, candles, exchange, order_lists, admin) for route in part.routes],
        middleware=[Middleware(QuotaMiddleware), Middleware(FaultMiddleware)],
        lifespan=_until_stopped,
        exception_handlers={Refusal: _refuse, HTTPException: _no_route},
    )
    quotes = open_quotes(settings)
    paper = create_exchange(settings, quotes)
    for market, notice in script.markets.items():
        paper.notices.put(market, notice)
    key = script.key or KeyState(expire_at=max(paper.now, paper.tape.span[1]) + KEY_LASTS)
    app.state.nonces = NonceFiles(settings.data_dir / "paper")
    app.state.exchange, app.state.quotes = paper, quotes
    app.state.authenticator = Authenticator(
        settings.paper_access_key, settings.paper_secret_key.get_secret_value(), key, app.state.nonces
    )
    app.state.quotas = open_quotas(settings, paper)
    app.state.faults = Faults(script.faults)
    token = settings.paper_admin_token
    app.state.admin_token = token.get_secret_value() if token else None
    return app


@asynccontextmanager
async def _until_stopped(app: Starlette) -> AsyncIterator[None]:
    quotes: UpbitQuotes | None = app.state.quotes
    following = asyncio.create_task(follow(quotes, app.state.exchange)) if quotes else None
    yield
    if quotes and following:
        following.cancel()
        await asyncio.wait([following])
        quotes.close()
    app.state.exchange.close()
    app.state.nonces.close()


async def _refuse(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return JSONResponse({"error": {"name": refusal.name, "message": refusal.message}}, refusal.status)


async def _no_route(request: Request, e: Exception) -> Response:
    assert isinstance(e, HTTPException)
    message = f"{request.method} {request.url.path} is not built here."
    return JSONResponse({"error": {"name": e.status_code, "message": message}}, e.status_code)

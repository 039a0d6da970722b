"""Run the paper exchange alone: any bot for Upbit can be developed against it."""

import secrets
import signal
import socket
import tempfile
from contextlib import ExitStack, suppress
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
import uvicorn
from pydantic import SecretStr
from rich.text import Text

from services.cli.arguments import moment
from services.cli.options import DataDir, TapeFiles
from services.cli.screen import Screen
from services.paper.app import create_app
from services.paper.core.exchange import PaperExchange
from shared.errors import BadRequest
from shared.settings import PAPER_PORT, Settings
from shared.writing import seoul, whole_won

MADE_UP = "order book (drawn around the price from a seed)", "single trades (four in a candle)"


class PaperOptions(NamedTuple):
    """What the command line says."""

    tape: list[str]
    speed: str | None
    start: str | None
    balance: str | None
    faults: Path | None
    port: int
    data_dir: Path | None


EPILOG = (
    "Examples: [bold]upcycle paper[/]   [bold]upcycle paper --tape eth.parquet --tape btc.parquet "
    "--from 2024-12-03T12:00Z --speed 60 --balance KRW=5000000[/]   [bold]upcycle paper --speed stepped "
    "--faults faults.json --port 8011[/]"
)


def command(
    tape: TapeFiles = [],  # noqa: B006
    speed: Annotated[
        str | None,
        typer.Option(
            help="N: seconds of the tape in one of ours; wall: the machine's time; stepped: moved over HTTP. "
            "By default 1 with --tape or --from, else PAPER_CLOCK: wall.",
            metavar="N|wall|stepped",
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Where on the tape it begins; after a year of it by default.")
    ] = None,
    balance: Annotated[
        str | None, typer.Option(help="Won of a new account; 1,000,000 by default.", metavar="KRW=WON")
    ] = None,
    faults: Annotated[Path | None, typer.Option(help="Misbehaviour to show: docs/PAPER.md says what.")] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = PAPER_PORT,
    data_dir: DataDir = None,
) -> None:
    run(PaperOptions(tape, speed, start, balance, faults, port, data_dir))


def run(options: PaperOptions) -> None:
    """Serve until SIGINT or SIGTERM; without a folder of its own the account is thrown away."""
    with ExitStack() as stack:
        door = stack.enter_context(_door(options.port))
        throw_away = options.data_dir is None
        folder = options.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="upcycle-paper-")))
        settings = Settings.load(**given(options, folder))
        app = create_app(settings)
        Screen(soft_wrap=True).print(handout(settings, app.state.exchange, door, throw_away))
        config = uvicorn.Config(app, log_config=None, access_log=False, date_header=False)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn hands the signal on when it is done
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[door])
        Screen().print("stopped")


def given(options: PaperOptions, folder: Path) -> dict[str, Any]:
    """The settings the command line makes; all others are those of the environment. Raises BadRequest."""
    found: dict[str, Any] = {"data_dir": folder, "trading_mode": "paper", **_pace(options)}
    if options.tape:
        found["paper_tape"] = ",".join(options.tape)
    if options.start is not None:
        found["tape_from"] = moment(options.start).isoformat()
    if options.balance is not None:
        found["paper_balance_krw"] = _won(options.balance)
    if options.faults is not None:
        found["paper_faults"] = options.faults
    return found


def _pace(options: PaperOptions) -> dict[str, Any]:
    """A tape of one's own lies in the past, so it is played; else PAPER_CLOCK decides, which is wall by default."""
    if options.speed is None and not options.tape and not options.start:
        return {}
    speed = options.speed or "1"
    if speed == "wall":
        return {"paper_clock": "wall"}
    if speed == "stepped":
        token = Settings.load().paper_admin_token or SecretStr(secrets.token_urlsafe(24))
        return {"paper_clock": "stepped", "paper_admin_token": token}
    try:
        return {"paper_clock": "played", "paper_speed": float(speed)}
    except ValueError:
        raise BadRequest(f"--speed {speed}: give a number such as 60, or wall, or stepped") from None


def _won(text: str) -> Decimal:
    currency, _, amount = text.rpartition("=")
    try:
        if currency not in ("", "KRW"):
            raise BadRequest(f"--balance {text}: the account begins with won alone; write KRW=1000000")
        return Decimal(amount)
    except InvalidOperation:
        raise BadRequest(f"--balance {text}: write won as KRW=1000000") from None


def _door(port: int) -> socket.socket:
    """Only of a socket that names its protocol does asyncio turn Nagle's delay off, which is 40 ms an answer."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen(128)  # from here on a client waits instead of being refused
    except OSError as e:
        door.close()
        raise BadRequest(f"port {port} cannot be used ({e.strerror}); choose another with --port") from None
    return door


def handout(settings: Settings, exchange: PaperExchange, door: socket.socket, throw_away: bool) -> Text:
    """What a person needs to use it, and what of it is made up."""
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    kept = "thrown away at the end; --data-dir keeps it" if throw_away else f"kept in {settings.data_dir}"
    prices = ("prices (a seeded generator, never to be taken for real ones)",) if exchange.tape.synthetic else ()
    live = settings.paper_tape == "upbit"
    books = MADE_UP[1:] if settings.paper_books or live else MADE_UP
    rows = {
        "base URL": f"{url}  instead of https://api.upbit.com",
        "access key": settings.paper_access_key,
        "secret key": f"{settings.paper_secret_key.get_secret_value()}  (both open pretend money only)",
        "account": f"{whole_won(exchange.account.krw)}, {len(exchange.orders())} orders; {kept}",
        "markets": ", ".join(exchange.tape.markets),
        "time": _time(settings, exchange),
        "synthetic": ", ".join((*prices, *books)),
        "faults": str(settings.paper_faults or "none"),
        "what differs": "docs/PAPER.md, route by route",
    }
    if settings.paper_clock == "stepped" and settings.paper_admin_token is not None:
        rows["step it"] = _step(settings, exchange, url)
    lines = [f"{name:<13}{text}" for name, text in rows.items()]
    body = "\n".join([": Upbit's REST API over a tape", *lines, "Ctrl-C stops"])
    return Text.assemble(("The paper exchange", "bold"), body)


def _time(settings: Settings, exchange: PaperExchange) -> str:
    now, last = seoul(exchange.now), seoul(exchange.tape.span[1])
    if settings.paper_tape == "upbit":
        return f"this machine's, with the quotes of {settings.paper_quotes_url}"
    if settings.paper_clock == "wall":
        return f"this machine's; the tape ends {last} KST"
    if settings.paper_clock == "stepped":
        return f"{now} KST, standing; the tape ends {last} KST"
    return f"{now} KST, {settings.paper_speed:g} s of the tape in a second, until {last} KST"


def _step(settings: Settings, exchange: PaperExchange, url: str) -> str:
    token = settings.paper_admin_token.get_secret_value() if settings.paper_admin_token else ""
    to = (exchange.now + timedelta(hours=1)).isoformat()
    return f"curl -X POST {url}/admin/time -H 'Authorization: Bearer {token}' -d '{{\"now\": \"{to}\"}}'"

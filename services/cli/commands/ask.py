"""Show what the analyst is told of one hour, what it answers and what that costs, without trading.

An hour of a tape is asked about with a fresh account that holds nothing. The question stands in no day's budget.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from services.analyst.adapters.rules_model import RulesModel
from services.analyst.app import create_model, prompter, terms
from services.analyst.core.judge import ANSWERED
from services.analyst.handler import AnalystHandler, ModelSetup
from services.analyst.ports import Grant
from services.cli.arguments import must_be_cycle, must_be_market
from services.cli.options import Broker, Folder, TapeFiles
from services.cli.research.ask_hour import Hour, of_log, of_tape
from services.cli.running_bot import settings_of
from services.cli.screen import say, say_json
from shared.catalogue import sentence
from shared.errors import BadRequest
from shared.events import DecisionMade, SnapshotTaken
from shared.plain_text import one_line
from shared.prompt.build import Prompt
from shared.settings import Settings
from shared.telemetry import set_up_logs
from shared.types import CycleId, Language

NO_KEY = "OPENAI_API_KEY is not set: the rules-only analyst answers, and no model is asked"
FLAT = "asked with a fresh account that holds nothing and remembers nothing; --cycle last asks as the bot stands"


_NAMES = {"cycle", "kind", "schema_number"}


@dataclass(frozen=True)
class Found:
    hour: Hour
    prompt: Prompt
    decision: DecisionMade | None  # None: it was not asked for


@dataclass(frozen=True)
class Question:
    """cycle: a recorded one, or `last`; else the hour `at` of a tape, its last by default."""

    market: str
    at: str | None
    tape: list[str]
    cycle: str | None = None
    dry: bool = False

    def refuse(self) -> None:
        """Raises BadRequest with what is wrong about it."""
        if self.cycle is None:
            return
        if self.at or self.tape:
            raise BadRequest("name a recorded cycle with --cycle, or an hour of a tape with --at and --tape, not both")
        must_be_market(self.market)
        if self.cycle != "last":
            must_be_cycle(self.cycle)


EPILOG = (
    "Examples: [bold]upcycle ask --dry[/]   [bold]upcycle ask --market KRW-ETH --at 2024-08-05T06:00Z "
    "--tape eth.parquet --tape btc.parquet --json[/]   [bold]upcycle ask --cycle last[/]"
)


def command(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    at: Annotated[str | None, typer.Option(help="A full hour of the tape; its last by default.")] = None,
    tape: TapeFiles = [],  # noqa: B006
    cycle: Annotated[
        str | None,
        typer.Option(
            help="Instead of a tape's hour a recorded cycle of the bot, or `last`: with its account, position and past."
        ),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Only the prompt and its tokens; nobody is asked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(Question(market, at, tape, cycle, dry), as_json, data_dir, nats)


def run(question: Question, as_json: bool, data_dir: Path | None, nats_url: str | None) -> None:
    """Look at one market at one time, ask the analyst unless dry, and print it."""
    question.refuse()
    set_up_logs("CRITICAL", service="ask")  # what goes wrong is said in one sentence
    settings = settings_of(data_dir) if question.cycle else _on_a_tape(question)
    found = asyncio.run(_ask(settings, question, nats_url))
    if as_json:
        say_json(_as_json(found))
    else:
        _print(found, settings.language, keyless=settings.openai_api_key is None)


def _on_a_tape(question: Question) -> Settings:
    files = {"paper_tape": ",".join(question.tape)} if question.tape else {}
    return Settings.load(
        trading_mode="paper", paper_clock="stepped", tape_hours=1, subject_prefix="",
        paper_admin_token="in-one-process-only", scheduler_enabled=True, trading_symbol=question.market, **files,
    )  # fmt: skip


async def _ask(settings: Settings, question: Question, nats_url: str | None) -> Found:
    if question.cycle:
        hour = await of_log(settings, question.market, question.cycle, nats_url)
    else:
        hour = await of_tape(settings, question.market, question.at)
    prompt = prompter()(hour.snapshot, hour.signal, hour.opening, language=settings.language)
    return Found(hour, prompt, None if question.dry else await _decide(settings, hour))


@dataclass(frozen=True)
class _Shown:
    """The analyst's look into the log: this one hour."""

    hour: Hour

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        return self.hour.snapshot

    async def opening(self, snapshot: SnapshotTaken) -> DecisionMade | None:
        return self.hour.opening


class _ByHand:
    """One question that a person asks; it stands in no day's budget."""

    async def reserve(self, cycle: CycleId, worst_krw: Decimal) -> Grant:
        return Grant(day="", cycle=cycle, krw=worst_krw, ask=1)

    async def settle(self, grant: Grant, cost_krw: Decimal) -> None:
        return None


async def _decide(settings: Settings, hour: Hour) -> DecisionMade:
    """As the analyst's own handler does it."""
    async with AsyncExitStack() as stack:
        asked = None
        if settings.openai_api_key is not None:
            model = await stack.enter_async_context(create_model(settings))
            asked = ModelSetup(model, prompter(), _ByHand(), terms(settings))
        handler = AnalystHandler.of(settings, snapshots=_Shown(hour), rules=RulesModel(), model=asked)
        return await handler(hour.signal)


def _as_json(found: Found) -> dict[str, Any]:
    hour, prompt, made = found.hour, found.prompt, found.decision
    return {
        "cycle": hour.snapshot.cycle,
        "at": hour.snapshot.at.isoformat(),
        "synthetic": hour.synthetic,
        "recorded": hour.recorded,
        "gate": "rejected" if hour.rejected else "passed",
        "objections": [no.model_dump(mode="json") for no in hour.signal.objections],
        "prompt": {
            "version": prompt.version,
            "sha256": prompt.sha256,
            "tokens": prompt.tokens,
            "system": prompt.system,
            "user": prompt.user,
        },
        "decision": None if made is None else made.model_dump(mode="json", exclude=_NAMES),
        "decided_then": hour.then and hour.then.model_dump(mode="json", exclude=_NAMES),
    }


def _print(found: Found, language: Language, *, keyless: bool) -> None:
    hour, prompt, made = found.hour, found.prompt, found.decision
    say(prompt.system)
    say(prompt.user)
    prices = ", SYNTHETIC prices" if hour.synthetic else ""
    lines = [f"{hour.snapshot.cycle}: prompt {prompt.version}, {prompt.tokens} tokens, {prompt.sha256[:16]}{prices}"]
    if not hour.recorded:
        lines.append(FLAT)
    if hour.rejected:
        codes = ", ".join(no.code for no in hour.signal.objections)
        lines.append(f"the gate rejects this hour ({codes}): in a cycle the analyst would not be asked")
    if made is not None:
        lines += _answer(made, language, keyless=keyless)
    if hour.then is not None:
        lines.append(f"then      {_decided(hour.then, language)}")
    for line in lines:
        say(one_line(line))


def _answer(made: DecisionMade, language: Language, *, keyless: bool) -> list[str]:
    lines = []
    if made.call is not None:
        call = made.call
        lines.append(f"reply     {call.reply or call.detail or 'none'}")
        verdict = "accepted" if call.code == ANSWERED else f"a hold: {call.code}"
        lines.append(f"verdict   {verdict}")
        lines.append(
            f"cost      ${call.cost_usd:.6f}, {call.cost_krw:.2f} won, {call.tokens_in} tokens in, {call.tokens_out} "
            f"out, {call.model}; not counted in the day's budget"
        )
    elif made.buy_blocked_by is not None and not made.votes:
        lines.append("nobody is asked: buying is excluded and nothing is held")
    elif keyless:
        lines.append(NO_KEY)
    lines += [f"vote      {vote.name} {vote.value:g}: {vote.vote:+d}" for vote in made.votes]
    lines.append(f"decision  {_decided(made, language)}")
    return lines


def _decided(made: DecisionMade, language: Language) -> str:
    sure = f", confidence {made.confidence}" if made.confidence else ""
    return f"{made.decision}{sure} ({made.analyst}, {made.reason_code}): {sentence(made, language)}"

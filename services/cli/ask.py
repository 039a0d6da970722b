"""`upcycle ask`: what the analyst is told and says of one hour of a tape, without trading or remembering it."""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from services.analyst.adapters.rules_model import RulesModel
from services.analyst.app import create_model, prompter, terms
from services.analyst.core.judge import ANSWERED
from services.analyst.core.prompt import Prompt
from services.analyst.handler import AnalystHandler, Asked
from services.analyst.ports import Grant
from services.cli.asked import BadRequest
from services.cli.cycle import choose_slot
from services.cli.local import chain
from services.paper.app import open_tape
from shared.events import CycleMissed, DecisionMade, SignalPassed, SignalRejected, SnapshotTaken
from shared.settings import Settings
from shared.telemetry import set_up_logs
from shared.types import CycleId

UP_TO_THE_GATE = ("collector", "filter")
NO_KEY = "OPENAI_API_KEY is not set: the rules-only analyst answers, and no model is asked"


@dataclass(frozen=True)
class Hour:
    """What was seen, and what the gate says of it. Asked by hand, a rejected hour is judged all the same."""

    snapshot: SnapshotTaken
    signal: SignalPassed
    rejected: bool


@dataclass(frozen=True)
class Found:
    hour: Hour
    prompt: Prompt
    decision: DecisionMade | None  # None: it was not asked for
    synthetic: bool  # the tape's prices


def run(market: str, at: str | None, tape: list[str], dry: bool, as_json: bool) -> None:
    """Look at one market at a time of the tape, ask the analyst unless dry, and print it."""
    with tempfile.TemporaryDirectory(prefix="upcycle-") as folder:
        files = {"paper_tape": ",".join(tape)} if tape else {}
        settings = Settings.load(
            trading_mode="paper", data_dir=Path(folder), paper_clock="stepped", tape_hours=1, subject_prefix="",
            paper_admin_token="in-one-process-only", scheduler_enabled=True, trading_symbol=market, **files,
        )  # fmt: skip
        set_up_logs("CRITICAL" if as_json else "ERROR", service="ask")
        played = open_tape(settings)
        slot = choose_slot(played, market, at)
        settings = settings.model_copy(update={"tape_from": slot.isoformat()})
        found = asyncio.run(_ask(settings, dry, played.synthetic))
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        _print(found, keyless=settings.openai_api_key is None)


async def _ask(settings: Settings, dry: bool, synthetic: bool) -> Found:
    hour = await _look(settings)
    prompt = prompter(settings)(hour.snapshot, hour.signal, None)
    decision = None if dry else await _decide(settings, hour)
    return Found(hour, prompt, decision, synthetic)


async def _look(settings: Settings) -> Hour:
    """Collector and filter of a throw-away chain, up to the gate's word. Raises BadRequest."""
    snapshot = None
    async with chain(settings, pipeline=UP_TO_THE_GATE) as running:
        try:
            async for event in running.events(cycles=1):
                match event:
                    case SnapshotTaken():
                        snapshot = event
                    case CycleMissed():
                        raise BadRequest(f"{event.cycle} is not looked at: {event.reason}, {event.detail}")
                    case SignalPassed() if snapshot:
                        return Hour(snapshot, event, rejected=False)
                    case SignalRejected() if snapshot:
                        return Hour(snapshot, _all_the_same(event), rejected=True)
        except TimeoutError:
            raise BadRequest("the look at the market went silent; upcycle cycle shows where") from None
    raise BadRequest("the look at the market failed; upcycle cycle shows why")


def _all_the_same(no: SignalRejected) -> SignalPassed:
    return SignalPassed(cycle=no.cycle, report=no.report, exit_only=False, objections=no.objections)


@dataclass(frozen=True)
class _Shown:
    """The analyst's look into the log: this one snapshot, and nothing before it."""

    taken: SnapshotTaken

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        return self.taken

    async def opening(self, snapshot: SnapshotTaken) -> None:
        return None


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
            asked = Asked(model, prompter(settings), _ByHand(), terms(settings))
        return await AnalystHandler(_Shown(hour.snapshot), RulesModel(), asked)(hour.signal)


def _as_json(found: Found) -> dict[str, Any]:
    hour, prompt, made = found.hour, found.prompt, found.decision
    return {
        "cycle": hour.snapshot.cycle,
        "at": hour.snapshot.at.isoformat(),
        "synthetic": found.synthetic,
        "gate": "rejected" if hour.rejected else "passed",
        "objections": [no.model_dump(mode="json") for no in hour.signal.objections],
        "prompt": {
            "version": prompt.version,
            "sha256": prompt.sha256,
            "tokens": prompt.tokens,
            "system": prompt.system,
            "user": prompt.user,
        },
        "decision": None if made is None else made.model_dump(mode="json", exclude={"cycle", "kind"}),
    }


def _print(found: Found, *, keyless: bool) -> None:
    hour, prompt, made = found.hour, found.prompt, found.decision
    typer.echo(prompt.system)
    typer.echo(prompt.user)
    prices = ", SYNTHETIC prices" if found.synthetic else ""
    say = [f"{hour.snapshot.cycle}: prompt {prompt.version}, {prompt.tokens} tokens, {prompt.sha256[:16]}{prices}"]
    if hour.rejected:
        codes = ", ".join(no.code for no in hour.signal.objections)
        say.append(f"the gate rejects this hour ({codes}): in a cycle the analyst would not be asked")
    if made is not None:
        say += _answer(made, keyless=keyless)
    typer.echo("\n".join(say))


def _answer(made: DecisionMade, *, keyless: bool) -> list[str]:
    say = []
    if made.call is not None:
        call = made.call
        say.append(f"reply     {_plain(call.reply or call.detail) or 'none'}")
        verdict = "accepted" if call.code == ANSWERED else f"a hold: {call.code}"
        say.append(f"verdict   {verdict}")
        say.append(
            f"cost      ${call.cost_usd:.6f}, {call.cost_krw:.2f} won, {call.tokens_in} tokens in, {call.tokens_out} "
            f"out, {call.model}; not counted in the day's budget"
        )
    elif made.buy_blocked_by is not None and not made.votes:
        say.append("nobody is asked: buying is excluded and nothing is held")
    elif keyless:
        say.append(NO_KEY)
    say += [f"vote      {vote.name} {vote.value:g}: {vote.vote:+d}" for vote in made.votes]
    sure = f", confidence {made.confidence}" if made.confidence else ""
    say.append(f"decision  {made.decision}{sure} ({made.analyst}, {made.reason_code}): {made.reason}")
    return say


def _plain(text: str) -> str:
    """Without what moves a terminal's cursor: these are somebody else's words."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)

"""NATS, whether it can write, and whether its streams and consumers are as this code designed them."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import nats
import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.cli.checks.row import Row
from services.cli.running_bot import SILENT_S, is_tape, running_url
from services.executor.core.ledger import Ledger
from services.local.event_log import redacted
from shared.api.bot import JOBS
from shared.bus import topology
from shared.bus.broker import inbox
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.bus.switch import Switch
from shared.catalogue import sentence
from shared.clock import SystemClock
from shared.events import FillRecorded, OrderFound, OrderSettled
from shared.http_client import direct_client
from shared.services import READERS
from shared.settings import Settings
from shared.stored import Stored
from shared.switch import FIRST, Heartbeat, SwitchState
from shared.types import Market
from shared.writing import seoul

_STREAM = ("subjects", "storage", "deny_delete", "deny_purge", "duplicate_window", "compression", "allow_direct")
_CONSUMER = ("filter_subject", "filter_subjects", "ack_wait", "max_deliver", "max_ack_pending")
_NEVER_GIVES_UP = -1
_CONNECT_S = 3
_ANSWER_S = 3
_AS_OWNER = "look as the owner; in Docker: docker compose run --rm --no-deps topology upcycle doctor"
_SILENT = "look into the broker's log; is its disk full?"
_ROOM = "make room on its disk; in Docker it then starts anew by itself, elsewhere start it anew"


async def broker(settings: Settings) -> Sequence[Row]:
    url = running_url(settings)
    if url is None:
        return [
            Row("nats", "skip", f"nothing runs in {settings.data_dir}", "`upcycle up` starts a broker of its own"),
            Row("streams", "skip", "nothing runs"),
        ]
    refused: list[str] = []

    async def hear(e: Exception) -> None:  # what is not allowed looks like a time-out to who asked
        if "permissions violation" in str(e).lower():
            refused.append(str(e))

    try:
        async with asyncio.timeout(_CONNECT_S):  # the client itself would go on for ever
            nc = await nats.connect(url, error_cb=hear, inbox_prefix=inbox(url))
    except (OSError, TimeoutError, nats.errors.Error):
        away = Row("nats", "fail", f"{redacted(url)} does not answer", "start the broker, or correct NATS_URL")
        return [away, Row("streams", "skip", "no broker")]
    more: list[Row] = []
    try:
        version = f"{redacted(url)}, {str(nc.connected_server_version).strip('<>')}"
        wrong = await differences(nc.jetstream(timeout=_ANSWER_S), Namespace(settings.subject_prefix))
        records = Records(nc, Namespace(settings.subject_prefix))
        if not wrong:
            switch = await Switch.open(nc.jetstream(timeout=_ANSWER_S), Namespace(settings.subject_prefix))
            beat = await switch.heartbeat()
            slots = [] if is_tape(beat, settings) else await _slots(records, settings.markets)
            more = [_wish(await switch.state()), _clock(beat), *slots, *await _orders(records)]
        streams = Row("streams", "ok", f"as designed, with {len(READERS)} consumers")
        if wrong:
            streams = Row("streams", "fail", "; ".join(wrong), "apply the topology: upcycle topology")
    except nats.errors.TimeoutError:
        streams = Row("streams", "fail", "JetStream does not answer", _SILENT)
        if refused:
            streams = Row("streams", "skip", f"the login {urlsplit(url).username} may not look at them", _AS_OWNER)
    finally:
        await nc.close()
    fault = await _fault(settings.nats_monitor_url)
    well = Row("nats", "fail", f"{version}: {fault}", _ROOM) if fault else Row("nats", "ok", version)
    return [well, streams, *more]


def _wish(state: SwitchState) -> Row:
    """Whether what the bot is to do can be relied on."""
    if not state.fault:
        return Row("switch", "ok", state.status if state.by in FIRST else f"{state.status} by {state.by}")
    return Row("switch", "fail", state.trouble, "upcycle status")


def _clock(beat: Heartbeat | None) -> Row:
    """What the clock that runs says of itself, whatever this terminal's settings are."""
    if beat is None:
        return Row("clock", "skip", "no clock has ever shown a sign of life")
    silent_s = (SystemClock().now() - beat.at).total_seconds()
    if abs(silent_s) > SILENT_S:
        return Row("clock", "fail", f"its last sign of life is of {seoul(beat.at)} KST", "start it, look into its log")
    wrong = beat.wrong_time
    if trouble := beat.notice("en") or (sentence(wrong, "en") if wrong else ""):
        return Row("clock", "fail", trouble, "look into the clock's log")
    trading = next((job for job in beat.jobs if job.id == JOBS[0]), None)
    next_run = f"next cycle at {seoul(trading.next_run)} KST" if trading and trading.next_run else "no cycle is due"
    kind = "" if beat.is_tape is None else "plays a tape, " if beat.is_tape else "keeps the exchange's time, "
    more = f" ({trading.say('en')})" if trading and trading.why else ""
    return Row("clock", "ok", f"{kind}{next_run}{more}")


async def _slots(records: Records, markets: Sequence[Market]) -> list[Row]:
    """Whether the log's newest slot lies in the future, where a slot's time is the exchange's."""
    said = await records.ahead(markets, SystemClock().now())
    todo = "look at clock skew: set this machine's clock by NTP"
    return [Row("slots", "warn", sentence(said, "en"), todo)] if said else []


async def _orders(records: Records) -> list[Row]:
    """The orders that the executor found at the exchange and nobody has adopted yet."""
    ledger = Ledger()
    for kind in (OrderFound, FillRecorded, OrderSettled):
        async for entry in records.after(0, kind.places()):
            if isinstance(entry, Stored):
                ledger.add(entry.event)
        if kind is OrderFound and not ledger.found:
            return []
    left = ", ".join(ledger.found)
    said = f"at the exchange in the bot's name, and not in its log: {left}"
    return [Row("orders", "fail", said, "upcycle adopt shows and takes them over")] if left else []


async def _fault(page: str) -> str:
    """What the broker's own page says is wrong; empty where nothing is, or where it cannot be asked."""
    if not page:
        return ""
    try:
        async with direct_client(timeout=3) as web:
            said = await web.get(f"{page}/healthz")
            return str(said.json().get("error", "it is not well")) if said.status_code == 503 else ""
    except (httpx.HTTPError, ValueError):
        return ""


async def differences(js: JetStreamContext, namespace: Namespace) -> list[str]:
    """What is missing, and what is set otherwise than shared/bus/topology.py says."""
    wrong = []
    for stream in topology.streams(namespace):
        try:
            there = (await js.stream_info(str(stream.name))).config
        except NotFoundError:
            wrong.append(f"stream {stream.name} is missing")
            continue
        wrong += [f"stream {stream.name}: {said}" for said in _compare(stream, there, _STREAM)]
    for reader in READERS.values():
        try:
            config = (await js.consumer_info(namespace.events, reader.name)).config
        except NotFoundError:
            wrong.append(f"consumer {reader.name} is missing")
            continue
        wrong += [
            f"consumer {reader.name}: {s}" for s in _compare(topology.consumer(reader, namespace), config, _CONSUMER)
        ]
    try:
        await js.stream_info(f"KV_{namespace.switch}")
    except NotFoundError:
        wrong.append(f"bucket {namespace.switch} is missing")
    return wrong


def _compare(designed: Any, there: Any, names: Sequence[str]) -> list[str]:
    def value(config: Any, name: str) -> Any:
        found = getattr(config, name)
        return _NEVER_GIVES_UP if name == "max_deliver" and found is None else getattr(found, "value", found) or None

    return [
        f"{name} is {value(there, name)}, designed is {value(designed, name)}"
        for name in names
        if value(designed, name) is not None and value(there, name) != value(designed, name)
    ]

"""The notifier, wired: Telegram where it is switched on, the log elsewhere."""

from functools import partial
from secrets import token_hex
from typing import Any

import structlog
from starlette.types import ASGIApp

from services.notifier.adapters.backend_api import BackendApi
from services.notifier.adapters.bot_api import BotApi
from services.notifier.adapters.clock_beat import ClockBeat
from services.notifier.adapters.exit_attempts import ExitAttempts
from services.notifier.adapters.inbox import TelegramInbox
from services.notifier.adapters.log_sink import LogSink
from services.notifier.adapters.reports import Reports
from services.notifier.adapters.seat import JetStreamSeat
from services.notifier.adapters.switch_seen import SwitchSeen
from services.notifier.adapters.telegram import Telegram
from services.notifier.announce import Announcement
from services.notifier.chosen import Chosen
from services.notifier.commands import Commands
from services.notifier.core.messages import KINDS, about
from services.notifier.each_minute import each_minute
from services.notifier.handler import NotifierHandler
from services.notifier.late_report import LateReport
from services.notifier.letters import LetterWatch
from services.notifier.listening import Listening
from services.notifier.ports import Messenger
from services.notifier.switch_watch import SwitchWatch
from services.notifier.wrong_time import WrongTime
from shared.bus.letters import Letters
from shared.bus.log import DELIVERY
from shared.clock import SystemClock
from shared.outside import by_owners_way, straight
from shared.settings import BadSetting, Settings
from shared.stage import Stage, asgi
from shared.stored import Stored

log = structlog.get_logger("notifier")


def create_stage(settings: Settings, **stage_kwargs: Any) -> Stage:
    stage = Stage("notifier", settings, **stage_kwargs)
    telegram = _telegram(settings, stage) if settings.telegram_enabled else None
    messenger = Chosen(telegram or LogSink(), {k: getattr(settings, f"telegram_{k}") for k in KINDS.values()})
    what = about(settings.trading_mode, settings.markets, settings.scheduler_interval_minutes, settings.language)
    announcement = Announcement(messenger, SystemClock(), settings.language, what)
    reports = Reports(lambda: stage.broker.connection, stage.world)
    late = LateReport(reports.last, messenger, SystemClock(), settings.language)
    stage.around(announcement.lifetime)
    stage.task(announcement.started)
    stage.task(lambda: each_minute(_letters(stage, messenger, settings).look, at="dead letters"))
    stage.task(partial(each_minute, late.look, at="daily report"))
    time = WrongTime(ClockBeat(stage.switch).last, messenger, SystemClock(), settings.language)
    stage.task(partial(each_minute, time.look, at="the clock's heartbeat"))
    switch = SwitchWatch(SwitchSeen(stage.switch), messenger, SystemClock(), settings.language)
    stage.task(partial(each_minute, switch.look, at="the switch"))
    if telegram is not None:
        stage.task(_listening(settings, stage, telegram, reports).run)
    handler = NotifierHandler(messenger, settings.language, ExitAttempts(stage.log))

    async def receive(stored: Stored) -> None:
        await handler(stored.event, delivery=DELIVERY.get())

    stage.receive(receive)
    return stage


def _letters(stage: Stage, messenger: Messenger, settings: Settings) -> LetterWatch:
    """Made once the stage is connected."""
    gauge = stage.metrics.gauge("dead_letters_last_hour", "Messages put aside in the last hour")
    letters = Letters(stage.broker.connection, stage.world)
    return LetterWatch(letters.since, messenger, SystemClock(), settings.language, gauge.set)


def _listening(settings: Settings, stage: Stage, telegram: Telegram, reports: Reports) -> Listening:
    client = straight(timeout=10)
    stage.around(lambda: client)
    token = settings.api_token.get_secret_value() if settings.api_token else None
    api = BackendApi(client, settings.backend_url, token)
    clock = SystemClock()
    return Listening(
        inbox=TelegramInbox(telegram.api),
        seat=JetStreamSeat(lambda: stage.broker.connection.jetstream(timeout=3), stage.world, token_hex(8)),
        answer=Commands(api, reports.last_report, clock, settings.language, settings.markets),
        carrier=telegram,
        chat=telegram.chat_id,
        clock=clock,
        language=settings.language,
        owner=settings.telegram_owner_id,
        moved_to=lambda: telegram.chat_id,
    )


def _telegram(settings: Settings, stage: Stage) -> Telegram:
    if settings.telegram_bot_token is None:
        raise BadSetting("TELEGRAM_BOT_TOKEN: is not set; TELEGRAM_ENABLED=true needs the token from @BotFather")
    if settings.telegram_chat_id is None:
        raise BadSetting("TELEGRAM_CHAT_ID: is not set; TELEGRAM_ENABLED=true needs the owner's chat")
    chat = settings.telegram_chat_id.strip()
    if not chat.removeprefix("-").isdigit():
        log.warning("TELEGRAM_CHAT_ID is a name: messages are sent there, commands are heard from a number alone")
    client = by_owners_way(settings.telegram_base_url)
    stage.around(lambda: client)
    api = BotApi(client, settings.telegram_bot_token.get_secret_value(), settings.telegram_base_url)
    return Telegram(api, chat)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))

"""The notifier, wired: Telegram where it is switched on, the log elsewhere."""

from functools import partial
from secrets import token_hex
from typing import Unpack

import structlog
from starlette.types import ASGIApp

from services.notifier.adapters.backend_api import BackendApi
from services.notifier.adapters.bot_api import BotApi
from services.notifier.adapters.clock_heartbeat import ClockHeartbeat
from services.notifier.adapters.exit_attempts import ExitAttempts
from services.notifier.adapters.inbox import TelegramInbox
from services.notifier.adapters.lease import JetStreamLease
from services.notifier.adapters.log_sink import LogSink
from services.notifier.adapters.reports import Reports
from services.notifier.adapters.switch_reader import SwitchReader
from services.notifier.adapters.telegram import Telegram
from services.notifier.alarms.clock import ClockAlarm
from services.notifier.alarms.dead_letters import DeadLetterAlarm
from services.notifier.alarms.each_minute import each_minute
from services.notifier.alarms.late_report import LateReportAlarm
from services.notifier.alarms.switch import SwitchAlarm
from services.notifier.announce import Announcement
from services.notifier.commands import Commands
from services.notifier.core.messages import KINDS, about
from services.notifier.handler import NotifierHandler
from services.notifier.kind_filter import KindFilter
from services.notifier.listener import CommandListener
from services.notifier.ports import Messenger
from shared.bus.dead_letters import DeadLetters
from shared.bus.event_log import DELIVERY
from shared.clock import SystemClock
from shared.http_client import direct_client, proxied_client
from shared.settings import BadSetting, Settings
from shared.stage import Stage, StageOptions, asgi
from shared.stored import Stored

log = structlog.get_logger("notifier")


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    stage = Stage("notifier", settings, **options)
    telegram = _telegram(settings, stage) if settings.telegram_enabled else None
    messenger = KindFilter(telegram or LogSink(), {k: getattr(settings, f"telegram_{k}") for k in KINDS.values()})
    what = about(settings.trading_mode, settings.markets, settings.scheduler_interval_minutes, settings.language)
    announcement = Announcement(messenger, SystemClock(), settings.language, what)
    reports = Reports(lambda: stage.broker.connection, stage.namespace)
    late = LateReportAlarm(reports.last, messenger, SystemClock(), settings.language)
    stage.around(announcement.lifetime)
    stage.task(announcement.started)
    stage.task(lambda: each_minute(_dead_letters(stage, messenger, settings).check, at="dead letters"))
    stage.task(partial(each_minute, late.check, at="daily report"))
    time = ClockAlarm(ClockHeartbeat(stage.switch).last, messenger, SystemClock(), settings.language)
    stage.task(partial(each_minute, time.check, at="the clock's heartbeat"))
    switch = SwitchAlarm(SwitchReader(stage.switch), messenger, SystemClock(), settings.language)
    stage.task(partial(each_minute, switch.check, at="the switch"))
    picture = None
    if telegram is not None:
        api = _backend(settings, stage)
        if settings.telegram_report_picture:
            from services.notifier.report_picture import ReportPicture  # loads Pillow

            picture = ReportPicture(api, settings.trading_mode, settings.markets)
        commands = Commands(api, reports.last_report, SystemClock(), settings.language, settings.markets, picture)
        stage.task(_listener(settings, stage, telegram, commands).run)
    handler = NotifierHandler(messenger, settings.language, ExitAttempts(stage.log), picture)

    async def receive(stored: Stored) -> None:
        await handler(stored.event, delivery=DELIVERY.get())

    stage.receive(receive)
    return stage


def _dead_letters(stage: Stage, messenger: Messenger, settings: Settings) -> DeadLetterAlarm:
    """Made once the stage is connected."""
    gauge = stage.metrics.gauge("dead_letters_last_hour", "Messages put aside in the last hour")
    letters = DeadLetters(stage.broker.connection, stage.namespace)
    return DeadLetterAlarm(letters.since, messenger, SystemClock(), settings.language, gauge.set)


def _backend(settings: Settings, stage: Stage) -> BackendApi:
    client = direct_client(timeout=10)
    stage.around(lambda: client)
    token = settings.api_token.get_secret_value() if settings.api_token else None
    return BackendApi(client, settings.backend_url, token)


def _listener(settings: Settings, stage: Stage, telegram: Telegram, answer: Commands) -> CommandListener:
    return CommandListener(
        inbox=TelegramInbox(telegram.api),
        lease=JetStreamLease(lambda: stage.broker.connection.jetstream(timeout=3), stage.namespace, token_hex(8)),
        answer=answer,
        channel=telegram,
        chat=telegram.chat_id,
        clock=SystemClock(),
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
    client = proxied_client(settings.telegram_base_url)
    stage.around(lambda: client)
    api = BotApi(client, settings.telegram_bot_token.get_secret_value(), settings.telegram_base_url)
    return Telegram(api, chat)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))

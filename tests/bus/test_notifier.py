"""The notifier on a real server: told once, tried again until it is taken."""

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.notifier.adapters import telegram
from services.notifier.adapters.exit_attempts import ExitAttempts
from services.notifier.app import create_stage
from services.notifier.handler import NotifierHandler
from shared.errors import Permanent
from shared.events import ExitDue
from shared.settings import Settings
from shared.stage import Stage
from tests.support.bot_api import CHAT, TOKEN, bot_api, floods
from tests.support.builders import control, end, exit_due, report_ready
from tests.support.served import served
from tests.support.waiting import eventually
from tests.unit.notifier import test_report_picture


class Flaky:
    """Refuses the first messages."""

    def __init__(self, faults: int) -> None:
        self.faults, self.taken = faults, []

    async def tell(self, kind, text, picture=None):
        if self.faults:
            self.faults -= 1
            raise Permanent("chat not found")
        self.taken.append(text.splitlines()[0])


async def test_what_telegram_would_not_take_is_tried_again_and_never_buried(server, js, log):
    messenger = Flaky(1)
    stage = Stage("notifier", Settings.load(nats_url=server.url))
    handler = NotifierHandler(messenger, "en", ExitAttempts(stage.log))

    async def receive(stored):
        await handler(stored.event)

    stage.receive(receive)
    async with stage.running():
        await log.emit(end("OrderFilled", cycle="KRW-ETH-20260105T0400Z"))
        await log.emit(control())
        await eventually(lambda: len(messenger.taken) == 2)
    assert sorted(messenger.taken) == ["⏸️ Bot paused", "🤖 Trade executed"]
    assert (await js.stream_info("DLQ")).state.messages == 0


async def test_a_stop_loss_that_cannot_sell_is_told_once_however_often_it_is_tried(server, js, log):
    class Told:
        def __init__(self):
            self.kinds = []

        async def tell(self, kind, text, picture=None):
            self.kinds.append((kind, text.splitlines()[2]))

    messenger = Told()
    stage = Stage("notifier", Settings.load(nats_url=server.url))
    handler = NotifierHandler(messenger, "en", ExitAttempts(stage.log))

    async def receive(stored):
        await handler(stored.event)

    stage.receive(receive)
    async with stage.running():
        for attempt, ended in enumerate(("OrderDenied", "OrderDenied", "OrderRejected"), 1):
            cycle, seen = f"KRW-ETH-20260105T03{attempt}500Z-exit", await log.load(ExitDue.places(market="KRW-ETH"))
            await log.emit(exit_due(cycle=cycle, attempt=attempt), after=seen.seq if seen else 0)
            await log.emit(end(ended, cycle=cycle, reason_code="BELOW_MINIMUM"))
            await eventually(lambda attempt=attempt: len(messenger.kinds) == attempt)
    assert [kind for kind, _ in messenger.kinds] == ["error", "denied", "denied"]
    assert messenger.kinds[0][1] == "Type: OrderDenied (an exit could not sell; it is tried again and again)"


@pytest.mark.parametrize("pictures", [1, 0])
async def test_a_report_is_told_once_with_its_picture_if_one_is_wanted(server, js, log, monkeypatch, pictures):
    monkeypatch.setattr(telegram, "GAP_S", 0.01)
    reads = {name: value for name, value in test_report_picture.backend().answers.items() if name.startswith("/api")}

    async def read(request):
        return JSONResponse(reads[request.url.path])

    backend = Starlette(routes=[Route("/{path:path}", read)])
    with bot_api() as bot, served(backend, "backend") as url:
        bot.plays("sendPhoto", floods(0.01))
        settings = Settings.load(
            nats_url=server.url, telegram_enabled=True, telegram_bot_token=TOKEN, telegram_chat_id=CHAT,
            telegram_base_url=bot.url, backend_url=url, telegram_status="off", telegram_report_picture=bool(pictures),
        )  # fmt: skip
        async with create_stage(settings).running():
            await log.emit(report_ready())

            async def all_read():
                told = await js.consumer_info("EV", "notifier")
                return told.delivered.consumer_seq == 1 and told.num_ack_pending == 0

            await eventually(all_read)
    (text,) = bot.texts
    assert text.startswith("📊 일일 리포트")
    assert len(bot.photos) == pictures


async def test_its_process_reads_what_it_is_to_tell(server, js, log):
    async with create_stage(Settings.load(nats_url=server.url)).running():
        await log.emit(end("CycleFailed"))

        async def all_read():
            told = await js.consumer_info("EV", "notifier")
            return told.delivered.consumer_seq == 1 and told.num_ack_pending == 0

        await eventually(all_read)

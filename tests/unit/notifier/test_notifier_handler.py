import pytest
import structlog

from services.notifier.announce import Announcement
from services.notifier.app import create_stage
from services.notifier.handler import NotifierHandler
from services.notifier.kind_filter import KindFilter
from services.notifier.ports import Picture
from shared.errors import Permanent, Transient
from shared.fixed_clock import FixedClock
from shared.settings import BadSetting, Settings
from tests.support.builders import AT, end, report_ready


class FakeMessenger:
    def __init__(self, fault: Exception | None = None) -> None:
        self.sent: list[str] = []
        self.shown: list[bytes | None] = []
        self.fault = fault

    async def tell(self, kind: str, text: str, picture: Picture | None = None) -> None:
        if self.fault:
            raise self.fault
        self.sent.append(text)
        self.shown.append(await picture() if picture else None)


async def first(cycle):
    return 1


async def test_a_trade_is_told():
    messenger = FakeMessenger()
    await NotifierHandler(messenger, "en", first)(end("OrderFilled"))
    (text,) = messenger.sent
    assert text.startswith("🤖 Trade executed\n")


@pytest.mark.parametrize(
    ("kind", "delivery", "said"),
    [
        ("CycleFailed", 1, 1),
        ("OrderUnresolved", 1, 1),
        ("OrderRejected", 1, 1),
        ("CycleFailed", 2, 0),
        ("OrderFilled", 1, 0),
    ],
)
async def test_a_failed_trading_job_stands_in_the_log_once_as_an_error(kind, delivery, said):
    with structlog.testing.capture_logs() as lines:
        await NotifierHandler(FakeMessenger(), "ko", first)(end(kind), delivery=delivery)
    errors = [line["event"] for line in lines if line["log_level"] == "error"]
    assert errors == ["trading_job failed"] * said


class FakeCarrier:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bool, bytes | None]] = []

    async def send(self, text: str, *, silent: bool = False, picture: bytes | None = None) -> None:
        self.sent.append((text, silent, picture))


async def test_each_kind_is_told_aloud_in_silence_or_not_at_all():
    carrier = FakeCarrier()
    chosen = KindFilter(carrier, {"trade": "on", "report": "silent", "hold": "off"})
    for kind in ("trade", "report", "hold"):
        await chosen.tell(kind, kind)
    assert carrier.sent == [("trade", False, None), ("report", True, None)]


async def test_a_picture_is_made_only_for_somebody_who_wants_to_see_it():
    carrier, made = FakeCarrier(), []

    async def picture():
        made.append(1)
        return b"PNG"

    await KindFilter(carrier, {"report": "off"}).tell("report", "no", picture)
    assert made == []
    await KindFilter(carrier, {"report": "on"}).tell("report", "yes", picture)
    assert carrier.sent == [("yes", False, b"PNG")]


async def test_a_report_comes_with_the_picture_of_its_day_and_a_trade_with_none():
    messenger, days = FakeMessenger(), []

    async def picture(report):
        days.append(report.day)
        return b"PNG"

    handler = NotifierHandler(messenger, "en", first, picture)
    await handler(report_ready())
    await handler(end("OrderFilled"))
    assert (messenger.shown, days) == ([b"PNG", None], [report_ready().day])


async def test_a_message_that_was_not_taken_is_the_buss_to_try_again():
    with pytest.raises(Transient):
        await NotifierHandler(FakeMessenger(Transient("away")), "ko", first)(end("OrderFilled"))


def announcement(messenger: FakeMessenger) -> Announcement:
    return Announcement(messenger, FixedClock(AT), "en", "paper, KRW-ETH, 60 min")


async def test_coming_up_and_going_down_are_told():
    messenger = FakeMessenger()
    told = announcement(messenger)
    async with told.lifetime():
        await told.started()
    assert [text.splitlines()[0] for text in messenger.sent] == ["🟢 Bot started", "🔴 Bot stopped"]


async def test_a_process_that_never_came_up_does_not_say_it_stopped():
    messenger = FakeMessenger()
    async with announcement(messenger).lifetime():
        pass
    assert messenger.sent == []


@pytest.mark.parametrize("fault", [Transient("away"), Permanent("wrong token")])
async def test_a_telegram_that_does_not_answer_keeps_nobody_from_starting(fault):
    messenger = FakeMessenger(fault)
    told = announcement(messenger)
    async with told.lifetime():
        await told.started()
    assert messenger.sent == []


@pytest.mark.parametrize(
    ("given", "named"),
    [({}, "TELEGRAM_BOT_TOKEN"), ({"telegram_bot_token": "12345:not-a-real-token"}, "TELEGRAM_CHAT_ID")],
)
async def test_telegram_without_its_token_or_chat_is_refused_with_a_sentence(given, named):
    with pytest.raises(BadSetting, match=f"^{named}: "):
        create_stage(Settings.load(telegram_enabled=True, **given))

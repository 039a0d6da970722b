"""The whole system with a Bot API server beside it: the owner is told, asks, and switches the bot from his phone."""

import asyncio

import pytest

from services.local.system import system
from shared.events import CycleEnded
from shared.settings import Settings
from tests.support.bot_api import CHAT, TOKEN, bot_api
from tests.support.processes import linux_only
from tests.support.waiting import eventually

pytestmark = [linux_only, pytest.mark.slow]


async def test_the_owner_hears_of_his_bot_asks_it_and_stops_it(tmp_path):
    with bot_api() as telegram:
        settings = Settings.load(
            data_dir=tmp_path, paper_clock="stepped", tape_from="2025-01-02T00:00Z", tape_hours=2,
            telegram_enabled=True, telegram_bot_token=TOKEN, telegram_chat_id=CHAT,
            telegram_base_url=telegram.url, language="en",
        )  # fmt: skip

        async def told(text: str, *of: str) -> None:
            """Send a command; the next message but those about the bot's state is the answer."""
            before = len(telegram.sent)
            telegram.says(text)
            answer = await eventually(lambda: next((t for t in telegram.texts[before:] if " Bot " not in t), None))
            assert all(part in answer for part in of), f"{text}: {answer}"

        async with system(settings, api_port=None, say=lambda _: None) as running:
            await eventually(lambda: any("Bot started" in text for text in telegram.texts))
            await running.supervisor.start("clock")
            ended = 0
            while ended < settings.tape_hours:
                ended += isinstance(await asyncio.wait_for(running.heard.get(), 60), CycleEnded)
            await told("/status", "🟢 Running", "trading_job")
            await told("/why", "KRW-ETH 2025-01-02 10:00 KST")
            await told("/gate", "🚧 KRW-ETH", "win rate")
            for command, answer in (
                ("/balance", "Total: 1,000,000 KRW"), ("/trades", "No trade yet"), ("/profit", "In all"),
                ("/cost", "Today: 0 KRW"), ("/daily", "Day: 2025-01-01"), ("/jobs", "portfolio_snapshot_job"),
            ):  # fmt: skip
                await told(command, answer)
            await told("/pause", "⏸️ Paused", "Asked by: telegram")
            await eventually(lambda: any("Bot paused" in text for text in telegram.texts))
            await told("/resume", "🟢 Running")
            await told("/stop", "Really stop?")
            await told("/stop yes", "🔴 Stopped")
            await eventually(lambda: any("🔴 Bot stopped" in text for text in telegram.texts))
        assert TOKEN not in (tmp_path / "logs/notifier.log").read_text()

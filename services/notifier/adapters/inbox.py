"""What is written to the bot, by Telegram's long poll; a webhook would need an address the world can reach."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.notifier.adapters.bot_api import BotApi, TelegramAway, TelegramRefuses
from services.notifier.core.asked import Said
from services.notifier.ports import Overheard, Refused

WAIT_S = 20
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class TelegramInbox:
    api: BotApi
    wait_s: int = WAIT_S

    async def after(self, offset: int) -> list[Said]:
        asked = {"offset": offset, "timeout": self.wait_s, "allowed_updates": ["message"]}
        try:
            found = await self.api.call("getUpdates", asked, within_s=self.wait_s + 10)
        except TelegramRefuses as e:
            raise (Overheard if e.status == _CONFLICT else Refused)(str(e)) from None
        try:
            return [_said(int(update["update_id"]), update.get("message")) for update in found]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise TelegramAway("Telegram answers with no list of updates") from None


def _said(id: int, message: Any) -> Said:
    """Read an update; one that nobody can read is of nobody, so that it is passed over."""
    try:
        at = datetime.fromtimestamp(message["date"], UTC)
        sender = str(message.get("from", {}).get("id", ""))
        return Said(id, str(message["chat"]["id"]), sender, str(message.get("text", "")), at)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return Said(id, "", "", "", datetime.fromtimestamp(0, UTC))

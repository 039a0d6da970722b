"""What is written to the bot, by Telegram's long poll; a webhook would need an address the world can reach."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.notifier.adapters.bot_api import BotApi, TelegramAway, TelegramRefuses, whole
from services.notifier.core.chat_message import ChatMessage
from services.notifier.ports import InboxConflict, Refused
from shared.parsing import BadValue, moment_ms, number, of
from shared.types import UtcTime

WAIT_S = 20
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class TelegramInbox:
    api: BotApi
    wait_s: int = WAIT_S

    async def after(self, offset: int) -> list[ChatMessage]:
        params = {"offset": offset, "timeout": self.wait_s, "allowed_updates": ["message"]}
        try:
            found = await self.api.call("getUpdates", params, within_s=self.wait_s + 10)
        except TelegramRefuses as e:
            raise (InboxConflict if e.status == _CONFLICT else Refused)(str(e)) from None
        if not isinstance(found.value, list):
            raise TelegramAway("Telegram answers with no list of updates")
        heard = [message for update in found.value if (message := _read(update, found.at)) is not None]
        if found.value and not heard:
            raise TelegramAway("Telegram answers with updates that nobody can read")
        return heard


def _read(update: Any, received_at: UtcTime | None) -> ChatMessage | None:
    """Read an update; one that nobody can read is of nobody, and so passed over. None: it has not even a number."""
    try:
        id = int(whole(of(update, "update_id"), "update_id"))
    except BadValue:
        return None
    try:
        message = of(update, "message")
        at = moment_ms(number(of(message, "date"), "date") * 1000, "date")
        chat, sender = whole(of(of(message, "chat"), "id"), "chat"), of(message, "from")
        body = next((text for name in ("text", "caption") if isinstance(text := of(message, name), str)), "")
        return ChatMessage(id, chat, "" if sender is None else whole(of(sender, "id"), "from"), body, at, received_at)
    except BadValue:
        return ChatMessage(id, "", "", "", datetime.fromtimestamp(0, UTC))

"""What somebody wrote to the bot: a command or not, of the owner or not, in time or not (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.switch import COMMANDS
from shared.switch import Command as SwitchCommand
from shared.types import UtcTime

STALE = timedelta(seconds=60)
# What the bot does from now on, by the word in the chat: Telegram links no word with a hyphen.
SWITCHES: Mapping[str, SwitchCommand] = {command.removesuffix("-only"): command for command in COMMANDS}
OWNERS = frozenset({*SWITCHES, "sell", "panic"})  # what nobody else in a group may say


@dataclass(frozen=True)
class ChatMessage:
    id: int  # Telegram's, of the update
    chat: str
    sender: str  # in a private chat the same as the chat
    text: str
    at: UtcTime  # Telegram's
    received_at: UtcTime | None = None  # Telegram's, too: when it handed it over


@dataclass(frozen=True)
class Command:
    name: str  # without its slash
    args: tuple[str, ...] = ()


def parse_command(text: str) -> Command | None:
    """Read "/trades@upcycle_bot 5" as trades with one argument; None if it is no command."""
    words = text.split()
    if not words or not words[0].startswith("/"):
        return None
    return Command(words[0][1:].partition("@")[0].lower(), tuple(words[1:]))


def is_switch(text: str) -> bool:
    """Whether it is one of the commands that go before all others."""
    parsed = parse_command(text)
    return parsed is not None and parsed.name in OWNERS


def is_stale(message: ChatMessage, started: UtcTime, now: UtcTime) -> bool:
    """Old, or from before this process listened: what the owner wanted then is not what he wants now.

    All three times are by one clock, best Telegram's.
    """
    return message.at < started.replace(microsecond=0) or now - message.at > STALE

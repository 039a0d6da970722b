"""What a command of the owner's makes of the bot's state, and when it is refused (pure).

running ─pause▶ paused ─resume▶ running; exits-only from both, and resume ends it, too; stop from anywhere; out of
stopped only by start, which ends them all.
"""

from shared.errors import Permanent
from shared.switch import Command, Status

STATUS_AFTER: dict[Command, Status] = {
    "start": "running",
    "stop": "stopped",
    "pause": "paused",
    "resume": "running",
    "exits-only": "exits-only",
}


class NotNow(Permanent):
    """The bot's state does not allow this command; nothing was changed."""


def must_be_allowed(command: Command, now: Status, *, enabled: bool) -> None:
    """Raises NotNow, with what is allowed. enabled: SCHEDULER_ENABLED; without it nothing sets the bot going."""
    if command == "stop":
        return
    if not enabled:
        raise NotNow(
            f"SCHEDULER_ENABLED=false keeps the bot stopped, and {command} changes nothing; "
            "set it to true and start the process anew"
        )
    if now == "stopped" and command != "start":
        raise NotNow(f"the bot is stopped, and {command} changes nothing; only start sets it going again")

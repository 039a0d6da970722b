"""Messages into the log, where there is no Telegram."""

import structlog

log = structlog.get_logger("notifier")


class LogSink:
    async def send(self, text: str, *, silent: bool = False, picture: bytes | None = None) -> None:
        """The log holds no picture."""
        log.info("message", text=text, silent=silent)

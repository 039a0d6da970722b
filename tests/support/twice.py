"""Every message delivered twice: the first delivery does its work and then is not acknowledged."""

from typing import Any

from faststream import BaseMiddleware
from faststream.exceptions import NackMessage
from nats.aio.msg import Msg


class Twice(BaseMiddleware[Any, Any]):
    async def after_processed(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool | None:
        if exc_val is None and isinstance(self.msg, Msg) and self.msg.metadata.num_delivered == 1:
            raise NackMessage
        return False

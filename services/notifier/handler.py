"""An event in, a message out, or silence."""

from dataclasses import dataclass

from services.notifier.core.messages import Language, message
from services.notifier.ports import Messenger
from shared.events import Event


@dataclass(frozen=True, slots=True)
class NotifierHandler:
    messenger: Messenger
    language: Language

    async def __call__(self, event: Event) -> None:
        if text := message(event, self.language):
            await self.messenger.send(text)

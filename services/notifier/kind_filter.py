"""Which kinds of messages the owner wants to hear of, and which of them without a sound."""

from dataclasses import dataclass

from services.notifier.core.messages import Kind, Wanted
from services.notifier.ports import Channel, Picture


@dataclass(frozen=True, slots=True)
class KindFilter:
    channel: Channel
    wanted: Wanted

    async def tell(self, kind: Kind, text: str, picture: Picture | None = None) -> None:
        if self.wanted[kind] != "off":
            shown = await picture() if picture else None
            await self.channel.send(text, silent=self.wanted[kind] == "silent", picture=shown)

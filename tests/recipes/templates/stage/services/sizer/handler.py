"""Decision in, the same decision with its share of the usual amount out."""

from dataclasses import dataclass

from services.sizer.core.share import share_of
from shared.events import DecisionMade, PositionSized
from shared.settings import Settings

_ANALYSTS = {"kind", "schema_number", "votes", "call", "lost"}  # they lie in the decision, once


@dataclass(frozen=True, slots=True)
class SizerHandler:
    @classmethod
    def of(cls, settings: Settings) -> "SizerHandler":
        return cls()

    async def __call__(self, decision: DecisionMade) -> PositionSized:
        told = {name: getattr(decision, name) for name in DecisionMade.model_fields if name not in _ANALYSTS}
        return PositionSized(**told, share=share_of(decision))

"""What a panic has to say."""

from shared.events.base import Part
from shared.reason import Figure, Reason


class PanicNote(Part):
    """One thing a panic has to say. about: a market, or the cycle of an order; empty of all."""

    about: str = ""
    reason_code: str
    figures: tuple[Figure, ...] = ()
    said: str = ""

    @classmethod
    def of(cls, about: str, why: Reason) -> "PanicNote":
        return cls(about=about, reason_code=why.code, figures=why.figures, said=why.said)

    @property
    def reason(self) -> str:
        """It has no words of its own."""
        return ""

"""What every event is: its place in the log, and what may be published there only once."""

from collections import defaultdict
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.types import CycleId, split_cycle

Side = Literal["buy", "sell"]
Choice = Literal["buy", "sell", "hold"]
Confidence = Literal["high", "medium", "low"]


class Part(BaseModel):
    """A piece of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Event(Part):
    """schema_number: what a reader must know of its kind to judge it; see `shared/events/__init__.py`."""

    SUBJECT: ClassVar[str] = "ev.>"  # of any event; each kind has its own
    ONCE: ClassVar[str]

    kind: str
    schema_number: int = Field(default=1, ge=1)

    @classmethod
    def known_schema(cls) -> int:
        """The number this code writes, and the highest one it reads."""
        return int(cls.model_fields["schema_number"].default)

    @classmethod
    def places(cls, **known: str) -> str:
        """The subjects under which this kind lies; `*` stands for each part that is not named."""
        return cls.SUBJECT.format_map(defaultdict(lambda: "*", known))

    @classmethod
    def trunk(cls, **known: str) -> str:
        """The same, with one `>` for all from the first part that is not named."""
        head, star, _ = cls.places(**known).partition("*")
        return head + ">" if star else head

    @property
    def subject(self) -> str:
        raise NotImplementedError(type(self).__name__)

    @property
    def once(self) -> str:
        return self.subject


class CycleEvent(Event):
    """Something that happened in a cycle."""

    cycle: CycleId

    @property
    def market(self) -> str:
        return split_cycle(self.cycle)[0]

    @property
    def slot(self) -> str:
        return split_cycle(self.cycle)[1]

    @classmethod
    def subject_of(cls, cycle: str) -> str:
        market, slot = split_cycle(cycle)
        return cls.SUBJECT.format(market=market, slot=slot)

    @classmethod
    def places_of(cls, cycle: CycleId) -> str:
        """The subjects under which a cycle has this kind, whoever said it."""
        market, slot = split_cycle(cycle)
        return cls.places(market=market, slot=slot)

    @property
    def subject(self) -> str:
        return self.subject_of(self.cycle)

    @property
    def once(self) -> str:
        return getattr(type(self), "ONCE", self.SUBJECT).format(market=self.market, slot=self.slot)


def all_of(cycle: CycleId) -> list[str]:
    """The subjects under which everything of a cycle lies."""
    market, slot = split_cycle(cycle)
    return [f"ev.*.{market}.{slot}", f"ev.*.*.{market}.{slot}"]

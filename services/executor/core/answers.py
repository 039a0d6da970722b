"""What the exchange can answer: to a look, to an order, and to the question what became of one (pure)."""

from dataclasses import dataclass

from shared.catalogue import sentence
from shared.reason import Reason


@dataclass(frozen=True, slots=True)
class Accepted:
    """The exchange took the order."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The exchange will not show an account or a market; nothing was sent."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class SaidNo:
    """A no to an order. A hint, never a proof: the order may have been executed all the same (see `outcome`)."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class NameTaken:
    """The exchange has had an order of this name before; of whom, it does not say."""


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The request did not reach the exchange's books: no connection, or a quota that stands before them."""

    why: str
    reached_exchange: bool = False  # it reached the exchange, which sent it away unread (429): believed, not proved


@dataclass(frozen=True, slots=True)
class Unknown:
    """The order may exist or not."""

    why: str


Answer = Accepted | SaidNo | NameTaken | NeverSent | Unknown


@dataclass(frozen=True, slots=True)
class LookupFailure:
    """The exchange shows no such order now: not there (yet), or it did not answer."""

    why: str | Reason  # its own words, or ours for what it shows
    blocked: bool = False  # it forbids us to ask; asking on prolongs that
    missing: bool = False  # it did answer: it has no such order
    taken: bool = False  # it shows one that somebody else has sent

    @property
    def text(self) -> str:
        return self.why if isinstance(self.why, str) else sentence(self.why, "en")

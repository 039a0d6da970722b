"""How the chain itself stands: what waits where, what was put aside, what began and did not end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.types import Market, UtcTime


@dataclass(frozen=True)
class ReaderState:
    """A durable consumer as the broker shows it."""

    waiting: int  # messages it has not been given yet
    in_hand: int  # given and not acknowledged
    redelivered: int  # of those in hand, given more than once
    done_up_to: int  # everything up to this place of the log is acknowledged
    asking: int = 0  # requests for a message that wait now: somebody listens


@dataclass(frozen=True)
class Machine:
    """The broker's memory and disk, in bytes; None is what is not known."""

    memory: int | None = None
    memory_limit: int | None = None
    store: int | None = None  # what its streams take
    disk_free: int | None = None
    disk_total: int | None = None


@dataclass(frozen=True)
class BrokerState:
    """The broker's side."""

    readers: Mapping[str, ReaderState] = field(default_factory=dict)
    dead: Mapping[str, int] = field(default_factory=dict)  # letters that lie there now, by stage
    heartbeat: UtcTime | None = None  # the clock's last
    market_data: Mapping[Market, UtcTime] = field(default_factory=dict)  # when the last snapshot was stored
    well: bool | None = None  # by the broker's own word, which also means that it can write; None: that is not known
    machine: Machine = Machine()
    fault: str = ""  # what the clock says is wrong with the time
    stopped: str = ""  # that the clock starts no cycle any more


@dataclass(frozen=True)
class CycleCounts:
    """The books' side: counted in the database, so that a restart shrinks nothing."""

    ended: Mapping[tuple[Market, str], int] = field(default_factory=dict)  # by market and kind of end
    missed: Mapping[tuple[Market, str], int] = field(default_factory=dict)  # by market and reason
    open: Mapping[Market, UtcTime] = field(default_factory=dict)  # start of the oldest cycle without an end
    last_ended: Mapping[Market, UtcTime] = field(default_factory=dict)
    last_success: UtcTime | None = None


@dataclass(frozen=True)
class PipelineState:
    """broker: None while the broker does not answer. cycles: None before the books have answered once."""

    broker: BrokerState | None = None
    cycles: CycleCounts | None = None

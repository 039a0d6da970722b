"""The chain, written once: every service, in the order in which a cycle goes through them.

From this table come the consumers of the log, the stages, the broker's logins and rights, the processes of
`upcycle up`, compose, Prometheus' targets and what each command calls a stage. `python -m infra` writes the files.
"""

from dataclasses import dataclass, field

from shared.events import (
    ControlGiven,
    CycleEnded,
    CycleEvent,
    CycleFailed,
    CycleMissed,
    CycleRejected,
    DecisionMade,
    Event,
    ExitDue,
    FillRecorded,
    JobSwitched,
    LogAccepted,
    LogOpened,
    OrderDenied,
    OrderFilled,
    OrderFound,
    OrderIntended,
    OrderRejected,
    OrderSettled,
    OrderSkipped,
    OrderUnresolved,
    PanicDue,
    PanicEnded,
    PortfolioValued,
    ReportDue,
    ReportReady,
    SaleDue,
    SignalPassed,
    SignalRejected,
    SnapshotTaken,
    TradingDue,
    ValuationDue,
)
from shared.settings import API_PORT, PAGE_PORT, PAPER_PORT, Settings

OBJECTS = "objects "
Kinds = tuple[type[Event], ...]


@dataclass(frozen=True)
class Reader:
    """One durable consumer of the log."""

    name: str
    hears: Kinds
    passes_over: Kinds = ()  # lies at the same places and is not for it; anything else it meets there is a fault
    gives_up: bool = True  # buries a message after DELIVERIES_MAX; a reader of results never does
    one_at_a_time: bool = False
    costly: bool = False  # its work is paid for: each time it is looked first whether that is done
    ack_wait_s: float = 6  # handlers beat while they work, so this only bounds how long a dead one is waited for

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind.places() for kind in self.hears))


@dataclass(frozen=True)
class Service:
    """One process.

    says: the events that are its own. says_for: those of others that it may say in their stead.
    readers: its consumers of the log. follows: what it hears beside them, as it is stored.
    writes: keys, each after its bucket. reads: buckets; OBJECTS stands before one of objects.
    secrets: the settings that no other process is given.
    """

    name: str
    port: int  # its usual one
    says: Kinds = ()
    says_for: Kinds = ()
    readers: tuple[Reader, ...] = ()
    follows: Kinds = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    secrets: frozenset[str] = field(default=frozenset())
    opens_account: bool = False
    loads_polars: bool = False  # which starts threads: `upcycle up` lets such a service load it by itself
    only_watches: bool = False  # whatever ails it, trading goes on

    @property
    def is_stage(self) -> bool:
        """Whether cycles go through it."""
        return any(issubclass(kind, CycleEvent) for kind in self.says)

    @property
    def is_on_the_bus(self) -> bool:
        return bool(self.says or self.readers)


SERVICES = (
    Service(
        "clock",
        9463,
        says=(TradingDue, CycleMissed, ExitDue, ValuationDue, ReportDue),
        says_for=(CycleFailed, OrderUnresolved),  # for a reader that died each time, in the clock's own place
        follows=(CycleEnded,),
        writes=("bot.wish", "bot.clock"),
        reads=("bot",),
        secrets=frozenset({"paper_admin_token"}),
    ),
    Service(
        "collector",
        9464,
        says=(SnapshotTaken, CycleFailed),
        readers=(Reader("collector", (TradingDue,)),),
        writes=("objects history.>", "history.>"),
        reads=("history", "objects history"),
        secrets=frozenset({"paper_secret_key"}),
        opens_account=True,
        loads_polars=True,
    ),
    Service(
        "filter",
        9465,
        says=(SignalPassed, SignalRejected, CycleRejected, CycleFailed),
        readers=(Reader("filter", (SnapshotTaken,)),),
        reads=("objects history",),
        loads_polars=True,
    ),
    Service(
        "analyst",
        9466,
        says=(DecisionMade, CycleFailed),
        readers=(Reader("analyst", (SignalPassed,), passes_over=(SignalRejected,), costly=True),),
        writes=("budget.>",),
        reads=("budget",),
        secrets=frozenset({"openai_api_key"}),
        loads_polars=True,
    ),
    Service(
        "executor",
        9467,
        says=(
            OrderIntended,
            FillRecorded,
            OrderFound,
            OrderFilled,
            OrderSkipped,
            OrderDenied,
            OrderRejected,
            OrderUnresolved,
            CycleFailed,
            PortfolioValued,
            PanicEnded,
        ),
        says_for=(ExitDue,),  # of the owner's own sale, and of what a panic did
        readers=(
            Reader("executor", (DecisionMade, ExitDue), one_at_a_time=True),
            # Beside its decisions: no valuation that is tried again ever holds up an order.
            Reader("valuation", (ValuationDue,)),
            Reader("sale", (SaleDue,)),  # which waits for the market's exit under way
            Reader("panic", (PanicDue,), gives_up=False),  # it ends each by itself: an old one is not carried out
        ),
        reads=("bot",),
        secrets=frozenset({"paper_secret_key"}),
        opens_account=True,
    ),
    Service(
        "notifier",
        9468,
        readers=(
            Reader(
                "notifier",
                (CycleEnded, ControlGiven, JobSwitched, PanicEnded, ReportReady, OrderFound, PortfolioValued),
                gives_up=False,
            ),
        ),
        writes=("telegram.>",),
        reads=("telegram", "bot"),  # the switch: a lost one is told
        secrets=frozenset({"telegram_bot_token", "api_token"}),
        only_watches=True,
    ),
    Service(
        "backend",
        API_PORT,
        says=(ReportReady,),
        says_for=(ControlGiven, JobSwitched, SaleDue, PanicDue),
        readers=(
            Reader("projection", (Event,), gives_up=False, one_at_a_time=True),
            # A report is made late rather than never.
            Reader("report", (ReportDue,), gives_up=False, one_at_a_time=True),
        ),
        follows=(Event,),  # that the log has grown, for /api/events/stream
        writes=("bot.wish", "bot.job.>"),
        reads=("bot", "history", "objects history"),
        secrets=frozenset({"api_token", "database_url", "heartbeat_url"}),
        only_watches=True,
    ),
    Service("page", PAGE_PORT, only_watches=True),  # it asks the backend, as any browser may
    Service("paper", PAPER_PORT, secrets=frozenset({"paper_admin_token", "paper_secret_key"}), loads_polars=True),
)
OWNER = "owner"
OWNER_SAYS: Kinds = (ControlGiven, JobSwitched, SaleDue, PanicDue, OrderSettled, LogOpened, LogAccepted)
EVERYBODYS_SECRETS = frozenset({"sentry_dsn"})

NAMED = {service.name: service for service in SERVICES}
BUCKETS = tuple(dict.fromkeys(bucket for service in SERVICES for bucket in service.reads))
READERS = {reader.name: reader for service in SERVICES for reader in service.readers}
STAGES = tuple(service.name for service in SERVICES if service.is_stage)
PIPELINE = tuple(service.name for service in SERVICES if service.is_stage and service.readers)  # what a tick moves
SAYS = {service.name: service.says for service in SERVICES if service.says} | {OWNER: OWNER_SAYS}
_SAID_BY = {kind: name for name, kinds in SAYS.items() for kind in kinds}


def stage_of(event: Event) -> str:
    """Who said it: a service or the owner. An end names the stage itself."""
    return event.stage if isinstance(event, CycleEnded) else _SAID_BY[type(event)]


def environment(settings: Settings, service: str) -> dict[str, str]:
    """Every setting as a service's process is to find it, with the secrets that it uses; shown to nobody."""
    return settings.environment(NAMED[service].secrets | EVERYBODYS_SECRETS)

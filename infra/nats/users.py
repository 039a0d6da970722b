"""Who may say and hear what on the broker: python -m infra.nats.users writes users.conf, which nats.conf includes.

A stolen login of one service can then do that service's work and no more: only the executor can say that an order
was meant or filled, the filter cannot decide, and nobody but the owner can delete, purge or make anything.
Events hold no secret, so every service may read the log; what it may not do is take another's messages.
"""

from dataclasses import dataclass
from pathlib import Path

from shared.bus import topology
from shared.bus.world import World

WORLD = World()
LOG = WORLD.events
FILE = Path(__file__).parent / "users.conf"


@dataclass(frozen=True)
class Rights:
    """says: subjects of events. readers: its consumers of the log. writes, reads: buckets."""

    says: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()


def _passing_consumer(stream: str) -> tuple[str, ...]:
    """What it takes to read a stream through a consumer of the moment, which is no durable one's name."""
    return tuple(f"$JS.API.CONSUMER.{verb}.{stream}{rest}" for verb in ("CREATE", "DELETE") for rest in ("", ".>"))


SERVICES: dict[str, Rights] = {
    "clock": Rights(
        # It ends the cycle of a message whose reader died each time: the executor's too, but never as filled.
        says=("ev.tick.>", "ev.missed.>", "ev.due.>", "ev.exit.>", "ev.ended.*.>", "dead.>"),
        writes=("$KV.bot.>",),
        reads=("KV_bot",),
        more=(
            f"$JS.API.CONSUMER.INFO.{WORLD.advisories}.{topology.LAST_DELIVERY}",
            f"$JS.API.CONSUMER.MSG.NEXT.{WORLD.advisories}.{topology.LAST_DELIVERY}",
            f"$JS.ACK.{WORLD.advisories}.{topology.LAST_DELIVERY}.>",
        ),
        hears=("ev.ended.>",),
    ),
    "collector": Rights(
        says=("ev.snapshot.>", "ev.ended.collector.>", "dead.collector.>"),
        readers=("collector",),
        writes=("$O.history.>", "$KV.history.>"),
        reads=("KV_history", "OBJ_history"),
    ),
    "filter": Rights(
        says=("ev.signal.>", "ev.ended.filter.>", "dead.filter.>"), readers=("filter",), reads=("OBJ_history",)
    ),
    "analyst": Rights(
        says=("ev.decision.>", "ev.ended.analyst.>", "dead.analyst.>"),
        readers=("analyst",),
        writes=("$KV.budget.>",),
        reads=("KV_budget",),
    ),
    "executor": Rights(
        says=(
            "ev.intent.executor.>",
            "ev.fill.>",
            "ev.ended.executor.>",
            "ev.valued.>",
            "ev.exit.>",  # what a panic did while the broker was away comes in as exits of its own
            "dead.executor.>",
            "dead.valuation.>",
        ),
        readers=("executor", "valuation"),
        writes=("$KV.bot.wish",),
        reads=("KV_bot",),
        more=(f"$JS.API.STREAM.MSG.GET.{LOG}",),  # whose log this is, at its start
    ),
    "notifier": Rights(
        says=("dead.notifier.>",),
        readers=("notifier",),
        writes=("$KV.telegram.>",),
        reads=("KV_telegram",),
        more=_passing_consumer(WORLD.dead),  # it counts the letters of the last hour
    ),
    "backend": Rights(
        says=("ev.control.>", "ev.report.>", "dead.projection.>", "dead.report.>"),
        readers=("projection", "report"),
        writes=("$KV.bot.>",),
        reads=("KV_bot",),
        more=tuple(f"$JS.API.CONSUMER.INFO.{LOG}.{name}" for name in topology.BY_NAME),  # how far each reader is
    ),
}
OWNER = "owner"
USERS = (OWNER, *SERVICES)


def allowed(name: str) -> tuple[list[str], list[str]]:
    """What a service may publish and what it may subscribe to."""
    rights = SERVICES[name]
    streams = (LOG, WORLD.dead, "KV_bot", "KV_budget", "KV_telegram", "KV_history", "OBJ_history")
    asks = [f"$JS.API.STREAM.INFO.{stream}" for stream in streams]
    asks += [f"$JS.API.DIRECT.GET.{stream}" for stream in (LOG, WORLD.dead)]
    for reader in rights.readers:
        asks += [f"$JS.API.CONSUMER.{verb}.{LOG}.{reader}" for verb in ("INFO", "MSG.NEXT")]
        asks += [f"$JS.ACK.{LOG}.{reader}.>"]
    for stream in rights.reads:
        asks += [f"$JS.API.DIRECT.GET.{stream}.>", f"$JS.API.STREAM.MSG.GET.{stream}"]
        if stream.startswith("OBJ_"):  # an object is read through a consumer that lives as long as the reading
            asks += [*_passing_consumer(stream), "$JS.API.STREAM.NAMES"]
    return sorted({*rights.says, *rights.writes, *rights.more, *asks}), [f"_INBOX_{name}.>", *rights.hears]


def text() -> str:
    users = [_user(name) for name in SERVICES]
    owner = "    # the owner's commands: topology, history, settle, panic; the one who may make and remove\n"
    owner += "    { user: owner, password: $NATS_OWNER_PASSWORD }\n"
    head = "# Made by `python -m infra.nats.users`; the table there says why.\n"
    return f"{head}authorization {{\n  users = [\n{owner}{''.join(users)}  ]\n}}\n"


def _user(name: str) -> str:
    says, hears = allowed(name)
    lines = "\n".join(f'          "{subject}"' for subject in says)
    heard = ", ".join(f'"{subject}"' for subject in hears)
    return f"""    {{ user: {name}, password: $NATS_{name.upper()}_PASSWORD, permissions: {{
        publish: {{ allow: [
{lines}
        ] }}
        subscribe: {{ allow: [{heard}] }}
    }} }}
"""


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")

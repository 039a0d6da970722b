"""Who may say and hear what on the broker: python -m infra.nats.users writes users.conf, which nats.conf includes,
and the same as a table into the threat pages.

A stolen login of one service can then do that service's work and no more: only the executor can say that an order
was meant or filled, the filter cannot decide, and nobody but the owner can delete, purge or make anything.
Events hold no secret, so every service may read the log; what it may not do is take another's messages.
"""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from shared.bus import topology
from shared.bus.world import World

FILE = Path(__file__).parent / "users.conf"
_DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    _DOCS / "threats.md": "| 로그인 | 말하는 이벤트 | 쓰는 열쇠 | 받는 메시지 |",
    _DOCS / "threats.en.md": "| login | events it says | keys it writes | messages it takes |",
}
_TABLE = re.compile(r"(?<=<!-- rights -->\n).*?(?=<!-- /rights -->)", re.S)


@dataclass(frozen=True)
class Rights:
    """says, hears: subjects of events. readers: its consumers of the log. writes, reads: streams of buckets."""

    says: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()


def _passing_consumer(stream: str) -> tuple[str, ...]:
    """What it takes to read a stream through a consumer of the moment, which is no durable one's name."""
    return tuple(f"$JS.API.CONSUMER.{verb}.{stream}{rest}" for verb in ("CREATE", "DELETE") for rest in ("", ".>"))


def services(world: World) -> dict[str, Rights]:
    log, last, bot = world.events, f"{world.advisories}.{topology.LAST_DELIVERY}", world.switch
    history = (f"KV_{world.history}", f"OBJ_{world.history}")
    return {
        "clock": Rights(
            # It ends the cycle of a message whose reader died each time, in its own place: never as ordered or filled.
            says=("ev.tick.>", "ev.missed.>", "ev.due.>", "ev.exit.>", "ev.ended.clock.>", "dead.>"),
            writes=(f"$KV.{bot}.wish", f"$KV.{bot}.clock"),
            reads=(f"KV_{bot}",),
            more=(
                f"$JS.API.CONSUMER.INFO.{last}",
                f"$JS.API.CONSUMER.MSG.NEXT.{last}",
                f"$JS.ACK.{last}.>",
            ),
            hears=("ev.ended.>",),
        ),
        "collector": Rights(
            says=("ev.snapshot.>", "ev.ended.collector.>", "dead.collector.>"),
            readers=("collector",),
            writes=(f"$O.{world.history}.>", f"$KV.{world.history}.>"),
            reads=history,
        ),
        "filter": Rights(
            says=("ev.signal.>", "ev.ended.filter.>", "dead.filter.>"), readers=("filter",), reads=history[1:]
        ),
        "analyst": Rights(
            says=("ev.decision.>", "ev.ended.analyst.>", "dead.analyst.>"),
            readers=("analyst",),
            writes=(f"$KV.{world.budget}.>",),
            reads=(f"KV_{world.budget}",),
        ),
        "executor": Rights(
            says=(
                "ev.intent.executor.>",
                "ev.fill.>",
                "ev.found.>",
                "ev.ended.executor.>",
                "ev.valued.>",
                "ev.control.pause.>",  # and nothing that sets a bot going
                "ev.exit.>",  # what a panic did while the broker was away comes in as exits of its own
                "dead.executor.>",
                "dead.valuation.>",
            ),
            readers=("executor", "valuation"),
            reads=(f"KV_{bot}",),
            more=(f"$JS.API.STREAM.MSG.GET.{log}",),  # whose log this is, at its start
        ),
        "notifier": Rights(
            says=("dead.notifier.>",),
            readers=("notifier",),
            writes=(f"$KV.{world.telegram}.>",),
            reads=(f"KV_{world.telegram}", f"KV_{bot}"),  # the switch: a lost one is told
            more=_passing_consumer(world.dead),  # it counts the letters of the last hour
        ),
        "backend": Rights(
            says=("ev.control.>", "ev.report.>", "dead.projection.>", "dead.report.>"),
            readers=("projection", "report"),
            writes=(f"$KV.{bot}.wish", f"$KV.{bot}.job.>"),
            reads=(f"KV_{bot}",),
            more=tuple(f"$JS.API.CONSUMER.INFO.{log}.{name}" for name in topology.BY_NAME),  # how far each reader is
            hears=("ev.>",),  # that the log has grown, for /api/events/stream
        ),
    }


OWNER = "owner"
SERVICES = tuple(services(World()))
USERS = (OWNER, *SERVICES)


def variable(user: str) -> str:
    """The environment variable that holds a login's password."""
    return f"NATS_{user.upper()}_PASSWORD"


def new_password() -> str:
    """A letter first: the broker's configuration would take digits for a number."""
    return f"p{secrets.token_hex(16)}"


def allowed(name: str, world: World) -> tuple[list[str], list[str]]:
    """What a service may publish and what it may subscribe to."""
    rights, log = services(world)[name], world.events
    buckets = (f"KV_{bucket}" for bucket in (world.switch, world.budget, world.telegram, world.history))
    asks = [f"$JS.API.STREAM.INFO.{stream}" for stream in (log, world.dead, *buckets, f"OBJ_{world.history}")]
    asks += [f"$JS.API.DIRECT.GET.{stream}" for stream in (log, world.dead)]
    for reader in rights.readers:
        asks += [f"$JS.API.CONSUMER.{verb}.{log}.{reader}" for verb in ("INFO", "MSG.NEXT")]
        asks += [f"$JS.ACK.{log}.{reader}.>"]
    for stream in rights.reads:
        asks += [f"$JS.API.DIRECT.GET.{stream}.>", f"$JS.API.STREAM.MSG.GET.{stream}"]
        if stream.startswith("OBJ_"):  # an object is read through a consumer that lives as long as the reading
            asks += [*_passing_consumer(stream), "$JS.API.STREAM.NAMES"]
    says, hears = (map(world.subject, subjects) for subjects in (rights.says, rights.hears))
    return sorted({*says, *rights.writes, *rights.more, *asks}), [f"_INBOX_{name}.>", *hears]


def text(world: World | None = None) -> str:
    """The configuration for a world; without one, the real world's."""
    owner = "    # the owner's commands: topology, history, settle, panic; the one who may make and remove\n"
    owner += f"    {{ user: {OWNER}, password: ${variable(OWNER)} }}\n"
    each = "".join(_user(name, *allowed(name, world or World())) for name in SERVICES)
    head = "# Made by `python -m infra.nats.users`; the table there says why.\n"
    return f"{head}authorization {{\n  users = [\n{owner}{each}  ]\n}}\n"


def _user(name: str, says: list[str], hears: list[str]) -> str:
    lines = "\n".join(f'          "{subject}"' for subject in says)
    heard = ", ".join(f'"{subject}"' for subject in hears)
    return f"""    {{ user: {name}, password: ${variable(name)}, permissions: {{
        publish: {{ allow: [
{lines}
        ] }}
        subscribe: {{ allow: [{heard}] }}
    }} }}
"""


def table(head: str) -> str:
    """What each login may say, write and take, as Markdown; its own dead letters are not named."""
    rows = [head, "| --- | --- | --- | --- |"]
    for name, rights in services(World()).items():
        says = [subject.removesuffix(".>") for subject in rights.says if not subject.startswith("dead.")]
        keys = [key.replace("$KV.", "").replace("$O.", "objects ").replace(".>", ".*") for key in rights.writes]
        cells = (", ".join(f"`{word}`" for word in words) or "–" for words in ([name], says, keys, rights.readers))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def page(path: Path) -> str:
    """A threat page with its table as the rights are now."""
    return _TABLE.sub(lambda _: table(PAGES[path]), path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    for path in PAGES:
        path.write_text(page(path), encoding="utf-8")

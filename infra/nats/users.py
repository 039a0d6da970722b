"""Who may say and hear what on the broker: `python -m infra` writes users.conf, which nats.conf includes,
and the same as a table into the threat pages.

A stolen login of one service can then do that service's work and no more: only the executor can say that an order
was meant or filled, the filter cannot decide, and nobody but the owner can delete, purge or make anything.
Events hold no secret, so every service may read the log; what it may not do is take another's messages.
"""

import secrets
from pathlib import Path

from shared import services
from shared.bus import topology
from shared.bus.namespace import DEAD, Namespace, dead_place
from shared.events import ControlGiven
from shared.services import OBJECTS, OWNER, READERS, Service

FILE = Path(__file__).parent / "users.conf"
_DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    _DOCS / "threats.md": "| 로그인 | 말하는 이벤트 | 쓰는 열쇠 | 받는 메시지 |",
    _DOCS / "threats.en.md": "| login | events it says | keys it writes | messages it takes |",
}


def _passing_consumer(stream: str) -> tuple[str, ...]:
    """What it takes to read a stream through a consumer of the moment, which is no durable one's name."""
    return tuple(f"$JS.API.CONSUMER.{verb}.{stream}{rest}" for verb in ("CREATE", "DELETE") for rest in ("", ".>"))


def _more(name: str, namespace: Namespace) -> tuple[str, ...]:
    """What a service may say that its line in the table of services does not tell."""
    last = f"{namespace.advisories}.{topology.LAST_DELIVERY}"
    return {
        "clock": (
            namespace.subject(DEAD),  # it buries the message of a reader that died each time
            f"$JS.API.CONSUMER.INFO.{last}",
            f"$JS.API.CONSUMER.MSG.NEXT.{last}",
            f"$JS.ACK.{last}.>",
        ),
        "executor": (
            namespace.subject(ControlGiven.trunk(command="pause")),  # and nothing that sets a bot going
            f"$JS.API.STREAM.MSG.GET.{namespace.events}",  # whose log this is, at its start
        ),
        "notifier": _passing_consumer(namespace.dead),  # it counts the letters of the last hour
        # how far each reader is
        "backend": tuple(f"$JS.API.CONSUMER.INFO.{namespace.events}.{name}" for name in READERS),
    }.get(name, ())


SERVICES = tuple(service.name for service in services.SERVICES if service.is_on_the_bus)
USERS = (OWNER, *SERVICES)


def variable(user: str) -> str:
    """The environment variable that holds a login's password."""
    return f"NATS_{user.upper()}_PASSWORD"


def new_password() -> str:
    """A letter first: the broker's configuration would take digits for a number."""
    return f"p{secrets.token_hex(16)}"


def _says(service: Service) -> list[str]:
    """The events it may say, each trunk once."""
    return list(dict.fromkeys(kind.trunk(stage=service.name) for kind in (*service.says, *service.says_for)))


def _key(name: str, namespace: Namespace) -> str:
    kind, rest = ("$O", name.removeprefix(OBJECTS)) if name.startswith(OBJECTS) else ("$KV", name)
    bucket, _, key = rest.partition(".")
    return f"{kind}.{namespace.name(bucket)}.{key}"


def allowed(name: str, namespace: Namespace) -> tuple[list[str], list[str]]:
    """What a service may publish and what it may subscribe to."""
    service, log = services.NAMED[name], namespace.events
    buckets = map(namespace.stored, services.BUCKETS)
    asks = [f"$JS.API.STREAM.INFO.{stream}" for stream in (log, namespace.dead, *buckets)]
    asks += [f"$JS.API.DIRECT.GET.{stream}" for stream in (log, namespace.dead)]
    for reader in service.readers:
        asks += [f"$JS.API.CONSUMER.{verb}.{log}.{reader.name}" for verb in ("INFO", "MSG.NEXT")]
        asks += [f"$JS.ACK.{log}.{reader.name}.>"]
    for stream in map(namespace.stored, service.reads):
        asks += [f"$JS.API.DIRECT.GET.{stream}.>", f"$JS.API.STREAM.MSG.GET.{stream}"]
        if stream.startswith("OBJ_"):  # an object is read through a consumer that lives as long as the reading
            asks += [*_passing_consumer(stream), "$JS.API.STREAM.NAMES"]
    says = [*_says(service), *(dead_place(reader.name, ">") for reader in service.readers)]
    writes = [_key(key, namespace) for key in service.writes]
    heard = [namespace.subject(kind.trunk()) for kind in service.follows]
    may_say = {*map(namespace.subject, says), *writes, *_more(name, namespace), *asks}
    return sorted(may_say), [f"_INBOX_{name}.>", *heard]


def text(namespace: Namespace | None = None) -> str:
    """The configuration for a namespace; without one, the bot's own."""
    owner = "    # the owner's commands: topology, history, settle, panic; the one who may make and remove\n"
    owner += f"    {{ user: {OWNER}, password: ${variable(OWNER)} }}\n"
    each = "".join(_user(name, *allowed(name, namespace or Namespace())) for name in SERVICES)
    head = "# Made by `python -m infra`; shared/services.py and infra/nats/users.py say why.\n"
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
    for name in SERVICES:
        service = services.NAMED[name]
        events = [*_says(service), *(said for said in _more(name, Namespace()) if said.startswith("ev."))]
        says = [subject.removesuffix(".>") for subject in events]
        keys = [key.replace(".>", ".*") for key in service.writes]
        readers = [reader.name for reader in service.readers]
        cells = (", ".join(f"`{word}`" for word in words) or "–" for words in ([name], says, keys, readers))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def parts() -> dict[Path, dict[str, str]]:
    """What is made of each threat page."""
    return {path: {"rights": table(head)} for path, head in PAGES.items()}

"""The names of subjects and streams. A prefix in front of all of them makes a namespace of its own."""

from dataclasses import dataclass

from shared.services import OBJECTS
from shared.types import CycleId, split_cycle


@dataclass(frozen=True)
class Namespace:
    """prefix: "" is the bot's own; "sandbox.try1." another one beside it on the same server."""

    prefix: str = ""

    def subject(self, subject: str) -> str:
        return self.prefix + subject

    def plain(self, subject: str) -> str:
        return subject.removeprefix(self.prefix)

    def name(self, name: str) -> str:
        """Of a stream or bucket: EV, or EV_sandbox_try1."""
        return name + ("_" + self.prefix.strip(".").replace(".", "_") if self.prefix else "")

    def stored(self, bucket: str) -> str:
        """The stream of a bucket, as the table of services names it."""
        kind, name = ("OBJ", bucket.removeprefix(OBJECTS)) if bucket.startswith(OBJECTS) else ("KV", bucket)
        return f"{kind}_{self.name(name)}"

    @property
    def events(self) -> str:
        return self.name("EV")

    @property
    def dead(self) -> str:
        return self.name("DLQ")

    @property
    def advisories(self) -> str:
        return self.name("ADV")

    @property
    def switch(self) -> str:
        return self.name("bot")

    @property
    def history(self) -> str:
        """Of two buckets: the objects of the histories, and the newest manifest of each market."""
        return self.name("history")

    @property
    def budget(self) -> str:
        return self.name("budget")

    @property
    def telegram(self) -> str:
        return self.name("telegram")


DEAD = "dead.>"  # every buried message, whoever could not handle it


def dead_place(reader: str, where: str) -> str:
    """Where a reader's message is buried. where: its place in the log, or `>` for any."""
    return f"dead.{reader}.{where.removeprefix('ev.')}"


def cycle_of(subject: str) -> CycleId | None:
    """The cycle whose market and slot end a subject."""
    cycle = "-".join(subject.split(".")[-2:])
    try:
        split_cycle(cycle)
    except ValueError:
        return None
    return cycle

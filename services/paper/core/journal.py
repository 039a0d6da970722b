"""The entries of the journal: each line one thing that happened to the account (pure)."""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.paper.core.account import Account
from services.paper.core.orders import Order
from shared.types import UtcTime


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True)


class Opened(_Line):
    """The account as it began."""

    kind: Literal["opened"] = "opened"
    account: Account


class Executed(_Line):
    """An order that was taken, and the account after it: one line, so it is there whole or not at all."""

    kind: Literal["executed"] = "executed"
    order: Order
    account: Account


class Changed(_Line):
    """Orders as the tape or a cancel left them at that moment, and the account after it."""

    kind: Literal["changed"] = "changed"
    now: UtcTime
    orders: tuple[Order, ...]
    account: Account


class Burnt(_Line):
    """An identifier that was refused; it never comes back."""

    kind: Literal["burnt"] = "burnt"
    identifier: str


class Moved(_Line):
    """The stepped clock went on, and no order with it."""

    kind: Literal["moved"] = "moved"
    now: UtcTime


Entry = Opened | Executed | Changed | Burnt | Moved
ENTRIES: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


class Journal(Protocol):
    """Where entries are kept; `append` returns once the entry would survive the death of the process."""

    def read(self) -> list[Entry]: ...

    def append(self, entry: Entry) -> None: ...

    def close(self) -> None: ...

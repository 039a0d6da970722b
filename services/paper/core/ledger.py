"""The account with its orders, as the journal tells it. Every change is written before it counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.paper.core.account import Account
from services.paper.core.journal import Burnt, Changed, Entry, Executed, Journal, Moved, Opened
from services.paper.core.orders import Order
from services.paper.core.refusal import Refusal
from shared.types import Krw


class Ledger:
    """journal: what happened so far, and where more is written. `latest_at` is the latest moment any entry names."""

    def __init__(self, journal: Journal, opening: Krw) -> None:
        self._journal = journal
        self.account = Account(krw=opening)
        self.orders: dict[str, Order] = {}
        self.resting: dict[str, Order] = {}
        self.latest_at: datetime | None = None
        self._uuids: dict[str, str | None] = {}  # by identifier; None: burnt by a refusal
        entries = journal.read()
        for entry in entries:
            self._apply(entry)
        if not entries:
            self._record(Opened(account=self.account))

    def close(self) -> None:
        self._journal.close()

    def burn(self, identifier: str | None) -> None:
        if identifier is not None:
            self._record(Burnt(identifier=identifier))

    def take(self, order: Order) -> None:
        self._record(Executed(order=order, account=self.account.after(order)))

    def change(self, orders: Sequence[Order], at: datetime) -> None:
        """All of them in one entry, so that they change together or not at all."""
        if orders:
            self._record(Changed(now=at, orders=tuple(orders), account=self.account_after(orders)))

    def move(self, to: datetime, orders: Sequence[Order] = ()) -> None:
        """Time went on, and these orders with it."""
        self.change(orders, to)
        if not orders:
            self._record(Moved(now=to))

    def account_after(self, orders: Iterable[Order]) -> Account:
        account = self.account
        for order in orders:
            account = account.after(order, self.orders[order.uuid])
        return account

    def used(self, identifier: str | None) -> bool:
        return identifier in self._uuids

    def find(self, uuid: str | None, identifier: str | None) -> Order:
        """The uuid wins. Raises Refusal 404 where there is none."""
        if not uuid and not identifier:
            raise Refusal(400, "validation_error", "uuid or identifier is needed")
        key = uuid or self._uuids.get(identifier or "")
        if key is None or key not in self.orders:
            raise Refusal(404, "order_not_found", "There is no such order.")
        return self.orders[key]

    def _record(self, entry: Entry) -> None:
        self._journal.append(entry)
        self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        match entry:
            case Opened(account=account):
                self.account = account
            case Executed(order=order, account=account):
                self.account = account
                self._put(order)
                self._note_time(order.created_at)
            case Changed(now=now, orders=orders, account=account):
                self.account = account
                for order in orders:
                    self._put(order)
                self._note_time(now)
            case Burnt(identifier=identifier):
                self._uuids.setdefault(identifier, None)
            case Moved(now=now):
                self._note_time(now)

    def _put(self, order: Order) -> None:
        self.orders[order.uuid] = order
        if order.identifier is not None:
            self._uuids[order.identifier] = order.uuid
        if order.state == "wait":
            self.resting[order.uuid] = order
        else:
            self.resting.pop(order.uuid, None)

    def _note_time(self, at: datetime) -> None:
        self.latest_at = at if self.latest_at is None else max(self.latest_at, at)

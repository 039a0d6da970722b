"""Each command and what is asked of the API for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.notifier.core import answers
from services.notifier.core.answer_words import ANSWERS
from services.notifier.core.chat_message import OWNERS, SWITCHES, Command, parse_command
from services.notifier.core.report import daily_report
from services.notifier.ports import Api, Said, Unfit
from shared.api import routes
from shared.api.cycles import Decision
from shared.api.sale import Sale
from shared.errors import Permanent, Transient
from shared.events import ReportReady
from shared.fixed_clock import Clock
from shared.types import Language, Market, UtcTime, plain, split_cycle
from shared.writing import seoul_day

_SURE = timedelta(seconds=60)
_TRADES, _TRADES_MAX = 5, 20
_DAYS, _DAYS_MAX = 7, 366
_PAGE = 500


class Declined(Exception):
    """The command is known, and is not carried out; the text says why."""


@dataclass(slots=True)
class Commands:
    """last_report: the newest daily report, if there ever was one. picture: of its day, where one is wanted."""

    api: Api
    last_report: Callable[[], Awaitable[ReportReady | None]]
    clock: Clock
    language: Language
    markets: tuple[Market, ...]
    picture: Callable[[ReportReady], Awaitable[bytes | None]] | None = None
    _asked: dict[str, UtcTime] = field(default_factory=dict)  # whether the owner is sure, and when that was asked
    _sale: Sale | None = None  # as it was shown to him

    async def __call__(self, text: str, may_switch: bool) -> Said:
        """Answer what was written in the owner's chat, whatever it is. may_switch: whether he wrote it himself."""
        asked, say = parse_command(text), ANSWERS[self.language]
        if asked is None:
            return Said(say["no_command"])
        if (carry_out := self._known().get(asked.name)) is None:
            return Said(say["unknown"].format(name=asked.name[:40]))
        try:
            if asked.name in OWNERS and not may_switch:
                raise Declined(say["not_owner"].format(name=asked.name))
            said = await carry_out(asked)
        except Declined as e:
            return Said(str(e))
        except (Transient, Permanent) as e:
            return Said(say["failed"].format(why=e))
        return said if isinstance(said, Said) else Said(said)

    def _known(self) -> dict[str, Callable[[Command], Awaitable[str | Said]]]:
        return {
            "help": self._help,
            "start": self._start,
            "status": self._status,
            "balance": self._balance,
            "trades": self._trades,
            "profit": self._profit,
            "why": self._why,
            "gate": self._gate,
            "cost": self._cost,
            "daily": self._daily,
            "jobs": self._jobs,
            "pause": self._switch,
            "exits": self._switch,
            "resume": self._switch,
            "stop": self._stop,
            "sell": self._sell,
            "panic": self._panic,
        }

    async def _help(self, _: Command) -> str:
        return ANSWERS[self.language]["help"]

    async def _status(self, asked: Command) -> str:
        self._alone(asked)
        return answers.status(await self.api.get(routes.STATUS), self.language)

    async def _balance(self, asked: Command) -> str:
        self._alone(asked)
        return answers.balance(await self.api.get(routes.PORTFOLIO, hours=1), self.language)

    async def _trades(self, asked: Command) -> str:
        count = self._number(asked, _TRADES, _TRADES_MAX)
        return answers.trades(await self.api.get(routes.TRADES, limit=count), self.language)

    async def _profit(self, asked: Command) -> str:
        days = self._number(asked, _DAYS, _DAYS_MAX)
        stats = await self.api.get(routes.STATS, by="day")
        account = await self.api.get(routes.PORTFOLIO, hours=1)
        return answers.profit(stats, account, days, self._today(), self.language)

    async def _why(self, asked: Command) -> str:
        cycle = self._cycle(asked)
        if cycle is None:
            newest = (await self.api.get(routes.CYCLES, limit=1)).cycles
            if not newest:
                return ANSWERS[self.language]["no_cycle"]
            cycle = newest[0].cycle
        return (await self.api.get(routes.CYCLE, cycle, language=self.language)).why

    async def _gate(self, asked: Command) -> str:
        self._alone(asked)
        told = []
        for market in self.markets:
            newest = (await self.api.get(routes.CYCLES, limit=50, market=market)).cycles
            met = next((cycle.cycle for cycle in newest if cycle.gate is not None), None)
            cycle = await self.api.get(routes.CYCLE, met) if met else None
            told.append(answers.gate(market, cycle, self.language))
        return "\n\n".join(told)

    async def _cost(self, asked: Command) -> str:
        self._alone(asked)
        month, found = self._today().replace(day=1), dict[str, Decision]()
        while True:
            page = (await self.api.get(routes.DECISIONS, limit=_PAGE, offset=len(found))).decisions
            found |= {decision.cycle: decision for decision in page}  # a new one shifts the pages by one
            if len(page) < _PAGE or seoul_day(page[-1].slot_at) < month:  # newest first
                return answers.cost(found.values(), self._today(), self.language)

    async def _daily(self, asked: Command) -> Said:
        """As it came in the morning, with its picture."""
        self._alone(asked)
        report = await self.last_report()
        if report is None:
            return Said(ANSWERS[self.language]["no_report"])
        return Said(daily_report(report, self.language), await self.picture(report) if self.picture else None)

    async def _jobs(self, asked: Command) -> str:
        self._alone(asked)
        return answers.jobs(await self.api.get(routes.JOBS), self.language)

    async def _switch(self, asked: Command) -> str:
        self._alone(asked)
        return await self._post(asked.name)

    async def _stop(self, asked: Command) -> str:
        return await self._sure(asked)

    async def _start(self, asked: Command) -> str:
        """Telegram itself sends this where a chat is opened for the first time, so it must change nothing."""
        now = await self.api.get(routes.STATUS)
        if now.status == "stopped":
            return await self._sure(asked)
        say = ANSWERS[self.language]
        return say["hello"].format(status=say[now.status]) + "\n\n" + say["help"]

    async def _sell(self, asked: Command) -> str:
        """Show what a sale would bring; sell just that where it is confirmed within a minute."""
        say = ANSWERS[self.language]
        if asked.args == ("yes",):
            self._must_be_sure(asked)
            assert self._sale is not None
            shown = {"id": self._sale.id, "amount": plain(self._sale.amount)}
            sold = await self.api.post(routes.SELL, self._sale.market, **shown)
            return say["asked_sale"].format(cycle=sold.cycle)
        if len(asked.args) != 1:
            raise Declined(say["one_market"])
        self._asked.pop("sell", None)  # a yes to another market is none to this one
        market = f"KRW-{asked.args[0].upper().removeprefix('KRW-')}"
        self._sale = await self.api.get(routes.SALE, market)
        if not self._sale.obstacle:
            self._asked["sell"] = self.clock.now()
        return answers.sale(self._sale, self.language)

    async def _panic(self, asked: Command) -> str:
        """Show what it would cancel and sell; do it where it is confirmed within a minute."""
        if asked.args:
            self._must_be_sure(asked)
            return (await self.api.post(routes.ASK_PANIC, sell="true", language=self.language)).text
        self._asked["panic"] = self.clock.now()
        try:
            return answers.panic(await self.api.get(routes.PANIC, language=self.language), self.language)
        except (Transient, Permanent) as e:  # it may be an emergency all the same
            say = ANSWERS[self.language]
            return "\n".join([say["failed"].format(why=e), say["sure_panic"]])

    async def _sure(self, asked: Command) -> str:
        """Do it only if it is confirmed within a minute."""
        if not asked.args:
            self._asked[asked.name] = self.clock.now()
            return ANSWERS[self.language][f"sure_{asked.name}"]
        self._must_be_sure(asked)
        return await self._post(asked.name)

    def _must_be_sure(self, asked: Command) -> None:
        """Raises Declined unless it is the yes to what was asked within the last minute."""
        since = self._asked.pop(asked.name, None)
        if asked.args != ("yes",) or since is None or self.clock.now() - since > _SURE:
            raise Declined(ANSWERS[self.language]["unsure"].format(name=asked.name))

    async def _post(self, name: str) -> str:
        try:
            return answers.switched(await self.api.post(routes.SWITCH[SWITCHES[name]]), self.language)
        except Unfit as e:
            say = ANSWERS[self.language]
            raise Declined(say["unfit_start" if name == "start" else "unfit"].format(name=name)) from e

    def _today(self) -> date:
        return seoul_day(self.clock.now())

    def _alone(self, asked: Command) -> None:
        if asked.args:
            raise Declined(ANSWERS[self.language]["no_args"].format(name=asked.name))

    def _number(self, asked: Command, usual: int, most: int) -> int:
        if not asked.args:
            return usual
        number = asked.args[0]
        if len(asked.args) > 1 or not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= most):
            raise Declined(ANSWERS[self.language]["number"].format(name=asked.name, most=most))
        return int(number)

    def _cycle(self, asked: Command) -> str | None:
        if not asked.args:
            return None
        try:
            split_cycle(asked.args[0])
        except ValueError:
            raise Declined(ANSWERS[self.language]["one_cycle"]) from None
        if len(asked.args) > 1:
            raise Declined(ANSWERS[self.language]["one_cycle"])
        return asked.args[0]

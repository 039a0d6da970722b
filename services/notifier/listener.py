"""Hears the owner's commands and answers them; one process of all does, and each command is carried out once at most.

What was heard is written down before it is carried out: a process that dies in between loses the command, and the
owner, who gets no answer, sends it again. The other way round a stop could come twice.

The switch goes before all else: its commands are carried out as they are heard, in their order, while questions wait
in a line of their own. Neither a slow answer nor a chat full of questions holds up a pause.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.notifier.core.answer_words import ANSWERS
from services.notifier.core.chat_message import STALE, ChatMessage, is_stale, is_switch
from services.notifier.ports import Channel, Inbox, InboxConflict, Lease, Refused, RetryLater, Said
from shared.clock import monotonic
from shared.errors import Permanent, Transient
from shared.fixed_clock import Clock
from shared.types import Language, UtcTime

log = structlog.get_logger("notifier")
_ANOTHER_S = 5.0  # between looks whether the lease is free
_NOTHING_S = 1.0  # where the server does not wait, as it should
_REFUSED_S = 60.0
_TROUBLE_MAX_S = 60.0
_TROUBLES_MAX = 6  # 2, 4, 8, 16, 32 s and then a minute
_QUESTIONS_MAX = 20  # that wait; the owner asks the rest again


@dataclass(slots=True)
class CommandListener:
    """answer: what to say to a text, and whether who wrote it may switch the bot.

    chat: the owner's. owner: who may switch it where the chat is a group; in a private chat it is the chat's.
    """

    inbox: Inbox
    lease: Lease
    answer: Callable[[str, bool], Awaitable[Said]]
    channel: Channel
    chat: str
    clock: Clock
    language: Language
    owner: str | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    moved_to: Callable[[], str | None] = lambda: None  # the chat's id now, where Telegram has given it another
    elapsed: Callable[[], float] = monotonic
    _questions: deque[tuple[ChatMessage, float]] = field(default_factory=deque)
    _answers: deque[Said] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _started: UtcTime | None = None
    _began: float = 0.0
    _troubles: int = 0
    _last_trouble: str = field(default="")  # the last trouble in the log, which is not repeated

    async def run(self) -> None:
        lines = (self._hear(), self._in_turn(self.answer_next), self._in_turn(self.send_next))
        tasks = [asyncio.ensure_future(line) for line in lines]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            with suppress(Transient, Permanent):  # it frees itself after a silence
                await self.lease.release()

    async def _hear(self) -> None:
        while True:
            await self.sleep(await self.step())

    async def _in_turn(self, work: Callable[[], Awaitable[bool]]) -> None:
        """Do what waits, one after the other."""
        while True:
            self._more.clear()
            while await work():
                pass
            await self._more.wait()

    async def step(self) -> float:
        """Hear once; give the seconds to wait before the next time."""
        if self._started is None:
            self._started, self._began = self.clock.now(), self.elapsed()
        try:
            offset = await self.lease.acquire()
            if offset is None:
                return _ANOTHER_S
            heard = await self.inbox.after(offset)
            await self._answer(heard)
        except InboxConflict as e:
            with suppress(Transient, Permanent):
                await self.lease.release()  # a replica of ours that hears well may have it
            return self._trouble(e, _REFUSED_S)
        except Refused as e:
            return self._trouble(e, _REFUSED_S)
        except (Transient, Permanent) as e:
            self._troubles = min(self._troubles + 1, _TROUBLES_MAX)
            asked_s = e.wait_s if isinstance(e, RetryLater) and e.wait_s else 0.0
            return self._trouble(e, max(asked_s, min(2.0**self._troubles, _TROUBLE_MAX_S)))
        self._troubles, self._last_trouble = 0, ""
        return 0.0 if heard else _NOTHING_S

    async def _answer(self, heard: list[ChatMessage]) -> None:
        """Write down that all was heard, carry out what switches the bot, and let the rest wait."""
        if not heard or not await self.lease.advance(heard[-1].id + 1):
            return
        owners, late, heard_s = [], [], self.elapsed()
        for message in heard:
            if message.chat not in self._chats():
                log.warning("somebody who is not the owner writes to the bot", chat=message.chat)
            elif not message.text:
                log.info("a message without words is passed over")
            elif self._is_stale(message, heard_s):
                late.append(message)
            else:
                owners.append(message)
        for message in owners:
            if is_switch(message.text):
                self._tell(await self._carry_out(message))
        questions = [message for message in owners if not is_switch(message.text)]
        room = max(0, _QUESTIONS_MAX - len(self._questions))
        self._questions.extend((message, heard_s) for message in questions[:room])
        self._name("stale", late)
        self._name("too_many", questions[room:])
        self._more.set()

    async def answer_next(self) -> bool:
        """Answer the question that waits longest; whether one waited."""
        if not self._questions:
            return False
        message, heard_s = self._questions.popleft()
        if self.elapsed() - heard_s > STALE.total_seconds():
            self._name("stale", [message])
        else:
            self._tell(await self._carry_out(message))
        return True

    async def send_next(self) -> bool:
        """Send the answer that waits longest; whether one waited. A lost one is not kept: he asks again."""
        if not self._answers:
            return False
        said = self._answers.popleft()
        try:
            await self.channel.send(said.text, picture=said.picture)
        except (Transient, Permanent) as e:
            log.warning("an answer was lost", error=str(e))
        return True

    async def _carry_out(self, message: ChatMessage) -> Said:
        log.info("asked by telegram", text=message.text[:80])
        return await self.answer(message.text, message.sender in self._chats() | {self.owner})

    def _tell(self, said: Said) -> None:
        self._answers.append(said)
        self._more.set()

    def _name(self, words: str, left: list[ChatMessage]) -> None:
        """Name what was not carried out."""
        if left:
            what = ", ".join(message.text[:40] for message in left[:10])
            self._tell(Said(ANSWERS[self.language][words].format(n=len(left), what=what)))

    def _chats(self) -> set[str | None]:
        return {self.chat, self.moved_to() or self.chat}

    def _is_stale(self, message: ChatMessage, heard_s: float) -> bool:
        """By Telegram's clock, so that no wrong time of this machine drops a stop; by our own where it says none."""
        if message.received_at is None:
            return is_stale(message, self._started or message.at, self.clock.now())
        return is_stale(message, message.received_at - timedelta(seconds=heard_s - self._began), message.received_at)

    def _trouble(self, fault: Exception, pause_s: float) -> float:
        message = f"{type(fault).__name__}: {fault}"
        if message != self._last_trouble:
            log.warning("cannot hear commands", error=message, again_in_s=pause_s)
            self._last_trouble = message
        return pause_s

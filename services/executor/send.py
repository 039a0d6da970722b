"""The one way an order leaves: sent once, and again only while it is certain that nothing arrived."""

from collections.abc import Callable, Iterable
from itertools import count

from services.executor.core.answers import Answer, NameTaken, NeverSent, Unknown
from services.executor.core.risk import Approved
from services.executor.ports import ExchangePort, Pace

SEND_AGAIN_AFTER_S = 1.0  # quotas are by the second


async def send(
    exchange: ExchangePort,
    pace: Pace,
    order: Approved,
    in_time: Callable[[], bool] = lambda: True,
    *,
    attempts: int | None = None,
) -> Answer:
    """What the exchange answered. NameTaken means that it was taken before this run sent anything.

    in_time: whether it may still leave; asked before each attempt, and as the last thing before the bytes do.
    attempts: how many at most; None: as long as there is time.
    """
    answer: Answer = NeverSent("the time to send it had passed")
    reached_exchange = False  # at the exchange's door: only then can a request of this run have taken the name
    tries: Iterable[int] = count() if attempts is None else range(attempts)
    for before in tries:
        if before:
            await pace.pause(SEND_AGAIN_AFTER_S)
        if not in_time():
            break
        answer = await exchange.place(order, in_time)
        if not isinstance(answer, NeverSent):
            break
        reached_exchange = reached_exchange or answer.reached_exchange
    if isinstance(answer, NameTaken) and reached_exchange:
        return Unknown("duplicated_identifier, by our own first request")
    return NeverSent(answer.why, reached_exchange) if isinstance(answer, NeverSent) else answer

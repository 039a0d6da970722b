"""What may happen to containers, and how one is seen to be over."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import monotonic, sleep

from shared.clock import SystemClock
from tests.e2e_compose.questions import Books, Event, alerts, ended, get
from tests.e2e_compose.stack import Stack
from tests.e2e_compose.words import Failed, must, said, until


def trouble(stack: Stack, name: str, second: float, do: Callable[[], object]) -> None:
    """Let it happen at that second of the next minute, and see a cycle of each market end after it."""
    now = SystemClock().now()
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    sleep((minute - now).total_seconds() + second)
    before = {cycle["cycle"] for cycle in ended()}
    began = monotonic()
    do()
    until(lambda: len({cycle["market"] for cycle in new_ends(stack, before)}) == 2, within_s=300, what=f"ends: {name}")
    told = ", ".join(map(in_words, reversed(new_ends(stack, before))))
    said(f"{name}; {monotonic() - began:.0f} s later these had ended: {told}")


def in_words(cycle: Event) -> str:
    why = "" if cycle["end_kind"] == "OrderFilled" else f" ({cycle['reason_code']})"
    return f"{cycle['cycle'][4:]} {cycle['end_kind']}{why}"


def new_ends(stack: Stack, before: set[str]) -> list[Event]:
    """Newest first. An order of unknown outcome is settled as the owner would: its market stands still until then."""
    found = [cycle for cycle in ended() if cycle["cycle"] not in before]
    if any(cycle["end_kind"] == "OrderUnresolved" for cycle in found):
        settle(stack)
    return found


def crash(stack: Stack, service: str) -> None:
    """Kill -9 the service inside its container; Docker starts it again."""
    stack.compose("exec", "-T", service, "python", "-c", "import os; os.kill(-1, 9)", check=False)


def again(stack: Stack, service: str) -> None:
    """Kill a container whose process is its first, and start it."""
    (name,) = stack.ids(service)
    stack.docker("kill", name)
    stack.docker("start", name)


def cut(stack: Stack, service: str, seconds: float) -> None:
    """Take a container out of the network, after the snapshot and before the order."""
    (name,), network = stack.ids(service), "upcycle-e2e_trading-network"
    stack.docker("network", "disconnect", network, name)
    sleep(seconds)
    stack.docker("network", "connect", "--alias", service, network, name)


def pause(stack: Stack) -> None:
    (name,) = stack.ids("nats")
    stack.docker("pause", name)
    fired("BrokerDown")
    stack.docker("unpause", name)


def stop(stack: Stack) -> None:
    (name,) = stack.ids("postgres")
    stack.docker("stop", name)
    began = monotonic()
    fired("DatabaseDown")
    sleep(max(0, 60 - (monotonic() - began)))
    stack.docker("start", name)


def fired(name: str) -> None:
    began = monotonic()
    until(lambda: name in alerts(), within_s=120, what=f"the alert {name}")
    said(f"  {name} fired after {monotonic() - began:.0f} s")


def settle(stack: Stack) -> None:
    for word in stack.as_owner("upcycle", "settle").split():
        if word.startswith("KRW-") and word.count("-") == 2:
            with suppress(Failed):  # too early: the exchange may still be working on it
                said(f"  {stack.as_owner('upcycle', 'settle', word).strip()}")


def go_on(stack: Stack, when: str) -> None:
    before = {cycle["cycle"] for cycle in ended()}
    until(lambda: len(new_ends(stack, before)) >= 4, within_s=200, what=f"two more cycles each {when}")
    said(f"cycles go on {when}")


def quiet(*names: str) -> None:
    until(lambda: not alerts() & set(names), within_s=180, what=f"alerts that clear: {names}")
    said(f"cleared; still firing, since they look back for hours: {', '.join(sorted(alerts())) or 'none'}")


def read(stack: Stack) -> Books:
    """Between two cycles, when every one that began has ended and the table has heard of it."""
    now = SystemClock().now()
    sleep((25 - now.second) % 60)
    must(get("/api/bot/status")["status"] == "running", "the bot does not run")
    return Books.read(stack)

"""`make e2e-faults`: what may happen to containers, one trouble a minute, each in the middle of a cycle.

A cycle takes a few seconds here, because the model does. Afterwards the laws must hold, and the alerts that
should have fired must have cleared.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep

from shared.clock import SystemClock
from tests.e2e_compose import laws
from tests.e2e_compose.questions import Books, Event, alerts, ended, get, targets
from tests.e2e_compose.run import QUICK
from tests.e2e_compose.stack import (
    STAGES,
    Failed,
    Stack,
    clone,
    init,
    must,
    ports_must_be_free,
    running,
    said,
    until,
    why_not,
)

MODEL_TAKES_S = 4  # from about second 0.5 to 4.5 of each minute the first cycle is with the model, then the second
BEFORE_S, WITH_MODEL_S, ORDERED_S = 0.3, 2.5, 4.6


def main() -> None:
    if reason := why_not():
        print(f"SKIPPED: {reason}, so nothing was run; `make e2e-faults` needs Docker Engine 25 and Compose 2.24")
        return
    try:
        ports_must_be_free()
        with clone() as folder:
            everything_breaks(folder)
            the_disk_is_full(folder)
    except Failed as e:
        sys.exit(f"FAILED: {e}")
    said("everything held")


def started(stack: Stack) -> None:
    init(stack.folder)
    stack.setting(**QUICK)
    stack.compose("build", "--quiet", "topology", timeout=1800)
    said(f"up in {stack.up('model'):.0f} s")
    until(ended, within_s=150, what="a cycle with an end")


def everything_breaks(folder: Path) -> None:
    stack = Stack(folder, "compose.e2e.yaml", MODEL_TAKES_S=str(MODEL_TAKES_S))
    with running(stack):
        started(stack)
        for stage, second in (
            ("collector", BEFORE_S),
            ("filter", BEFORE_S + 1),
            ("analyst", WITH_MODEL_S),
            ("executor", ORDERED_S),
            ("paper", ORDERED_S),
            ("notifier", ORDERED_S),
            ("backend", WITH_MODEL_S),
            ("clock", BEFORE_S),
        ):
            trouble(stack, f"{stage} dies", second, partial(crash, stack, stage))
        trouble(stack, "nats dies", WITH_MODEL_S, lambda: again(stack, "nats"))
        trouble(stack, "executor cut off from paper", WITH_MODEL_S, lambda: cut(stack, "paper", 20))
        trouble(stack, "nats stands still until the alert", WITH_MODEL_S, lambda: pause(stack))
        trouble(stack, "postgres away for a minute", WITH_MODEL_S, lambda: stop(stack))
        trouble(stack, "everything started again", WITH_MODEL_S, lambda: stack.compose("restart", timeout=200))
        settle(stack)
        go_on(stack, "after all of it")
        all_up()
        quiet("BrokerDown", "DatabaseDown", "BackendDown", "StageGone", "ClockSilent", "StageReplicaDown")
        settle(stack)
        said(laws.hold(read(stack)))


def the_disk_is_full(folder: Path) -> None:
    """Nothing is acknowledged that is not on disk, so a full one stops cycles and loses none."""
    with running(Stack(folder, "compose.e2e.yaml", "compose.full-disk.yaml", MODEL_TAKES_S="0")) as stack:
        started(stack)
        stack.compose("exec", "-T", "nats", "sh", "-c", "dd if=/dev/zero of=/data/filler bs=64k; sync", check=False)
        said("the broker's disk is full")
        sleep(75)
        said(f"meanwhile: the last end is of {ended()[0]['cycle']}; firing: {', '.join(sorted(alerts())) or 'none'}")
        stack.compose("exec", "-T", "nats", "rm", "/data/filler")
        try:
            go_on(stack, "once there was room again, nothing restarted")
        except Failed:
            stack.compose("restart", "nats")
            go_on(stack, "with room again, and only after `docker compose restart nats`")
        said(laws.hold(read(stack)))


def trouble(stack: Stack, name: str, second: float, do: Callable[[], object]) -> None:
    """Let it happen at that second of the next minute, and see a cycle of each market end after it."""
    now = SystemClock().now()
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    sleep((minute - now).total_seconds() + second)
    before = {cycle["cycle"] for cycle in ended()}
    began = monotonic()
    do()
    until(lambda: len({cycle["market"] for cycle in new_ends(stack, before)}) == 2, within_s=300, what=f"ends: {name}")
    told = ", ".join(f"{cycle['cycle'][4:]} {cycle['end_kind']}" for cycle in reversed(new_ends(stack, before)))
    said(f"{name}; {monotonic() - began:.0f} s later these had ended: {told}")


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


def all_up() -> None:
    until(lambda: all(targets()[name] for name in (*STAGES, "backend", "postgres")), within_s=90, what="all answer")


def quiet(*names: str) -> None:
    until(lambda: not alerts() & set(names), within_s=180, what=f"alerts that clear: {names}")
    said(f"cleared; still firing, since they look back for hours: {', '.join(sorted(alerts())) or 'none'}")


def read(stack: Stack) -> Books:
    """Between two cycles, when every one that began has ended and the table has heard of it."""
    now = SystemClock().now()
    sleep((25 - now.second) % 60)
    must(get("/api/bot/status")["status"] == "running", "the bot does not run")
    return Books.read(stack)


if __name__ == "__main__":
    main()

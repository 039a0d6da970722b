"""`make e2e-faults`: what may happen to containers, one trouble a minute, each in the middle of a cycle.

A cycle takes a few seconds here, because the model does. Afterwards the laws must hold, and the alerts that
should have fired must have cleared.
"""

from functools import partial
from pathlib import Path
from time import sleep

from infra.prometheus.targets import STAGES
from tests.e2e_compose import laws
from tests.e2e_compose.machine import init, run
from tests.e2e_compose.questions import alerts, ended, targets
from tests.e2e_compose.run import QUICK
from tests.e2e_compose.stack import Stack, running
from tests.e2e_compose.troubles import again, crash, cut, fired, go_on, pause, quiet, read, settle, stop, trouble
from tests.e2e_compose.words import must, said, until

MODEL_TAKES_S = 4  # from about second 0.5 to 4.5 of each minute the first cycle is with the model, then the second
BEFORE_S, WITH_MODEL_S, ORDERED_S = 0.3, 2.5, 4.6


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
        fired("BrokerUnwell")
        sleep(60)
        said(f"meanwhile: the last end is of {ended()[0]['cycle']}; firing: {', '.join(sorted(alerts()))}")
        stack.compose("exec", "-T", "nats", "rm", "/data/filler")
        go_on(stack, "once there was room again, and nobody did anything else")
        (name,) = stack.ids("nats")
        must(
            stack.docker("inspect", "-f", "{{.RestartCount}}", name).strip() == "1",
            "the broker did not start anew once",
        )
        quiet("BrokerUnwell", "BrokerDown", "ClockSilent")
        said(laws.hold(read(stack)))


def all_up() -> None:
    until(lambda: all(targets()[name] for name in (*STAGES, "backend", "postgres")), within_s=90, what="all answer")


if __name__ == "__main__":
    run("e2e-faults", everything_breaks, the_disk_is_full)

"""The pages about the life of an order: their diagram and tables come from the table that the executor walks."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.executor.core.life import BEGINS, READ, STEPS, Mover, State

_DOCS = Path(__file__).parents[1] / "docs"
_OVER: tuple[State, ...] = ("filled", "skipped", "denied", "rejected", "failed", "settled")


@dataclass(frozen=True)
class Words:
    """One language's. states: a name and what it means; the other words as they stand in the tables."""

    states: dict[State, tuple[str, str]]
    movers: dict[Mover, str]
    read: str
    heads: tuple[tuple[str, str], tuple[str, str, str, str]]


KOREAN = Words(
    states={
        "decided": ("판단", "판단이나 청산이 기록에 있습니다. 주문은 아직 없습니다."),
        "intended": ("의도", "의도가 기록되었습니다. 아직 보내지 않았습니다."),
        "sent": ("전송", "이 실행이 요청을 보냈거나 보내려 했고, 답을 압니다. 기록에는 남지 않습니다."),
        "in_doubt": ("의심", "다른 실행의 의도를 찾았습니다. 보냈는지 알 수 없어 거래소에 묻기만 합니다."),
        "executed": ("체결", "체결이 기록되었습니다. 보유 수량은 이것만 읽습니다."),
        "filled": ("완료", "체결로 사이클이 끝났습니다."),
        "skipped": ("관망", "분석기가 관망을 택했습니다."),
        "denied": ("차단", "우리 규칙이 막았습니다."),
        "rejected": ("거절", "거래소가 거절했고, 체결이 없음이 증명되었습니다."),
        "unresolved": ("미확인", "결과를 모릅니다. 사람이 정리할 때까지 그 종목은 멈춥니다."),
        "failed": ("실패", "주문 없이 사이클을 포기했습니다."),
        "found": (
            "발견",
            "거래소에 우리 이름의 주문이 있는데 기록에 없습니다. 인수할 때까지 그 종목은 멈춥니다.",
        ),
        "settled": ("정리", "사람이 확인했습니다. 그 종목은 다시 주문합니다."),
    },
    movers={
        "executor": "실행기",
        "repeat": "다음 실행",
        "panic": "긴급 청산",
        "dead_letter": "전달 포기",
        "comparison": "대조",
        "settle": "settle",
        "adopt": "adopt",
    },
    read="다른 실행이 의도를 읽음",
    heads=(("상태", "뜻"), ("상태", "무엇으로", "다음 상태", "누가")),
)
ENGLISH = Words(
    states={
        "decided": ("decided", "A decision or an exit is in the log. There is no order yet."),
        "intended": ("intended", "The intent is in the log. Nothing was sent yet."),
        "sent": ("sent", "This run has sent the request, or tried to, and knows the answer. The log does not."),
        "in_doubt": ("in doubt", "The intent is another run's. Perhaps it was sent: the exchange is asked."),
        "executed": ("executed", "The fill is in the log. Positions are read from nothing else."),
        "filled": ("filled", "The cycle has ended with what was executed."),
        "skipped": ("skipped", "The analyst said hold."),
        "denied": ("denied", "Our own rules said no."),
        "rejected": ("rejected", "The exchange said no, and it is proved that nothing was executed."),
        "unresolved": ("unresolved", "Nobody knows the outcome. The market stands still until a person settles it."),
        "failed": ("failed", "The cycle was given up, without an order."),
        "found": ("found", "The log lacks an order of ours. The market stands still until a person adopts it."),
        "settled": ("settled", "A person has looked. The market goes on."),
    },
    movers={
        "executor": "executor",
        "repeat": "a later run",
        "panic": "panic",
        "dead_letter": "giving up",
        "comparison": "comparison",
        "settle": "settle",
        "adopt": "adopt",
    },
    read="another run reads the intent",
    heads=(("state", "meaning"), ("state", "by", "next state", "who")),
)
PAGES = {_DOCS / "orders.md": KOREAN, _DOCS / "orders.en.md": ENGLISH}


def parts() -> dict[Path, dict[str, str]]:
    """What is made of each page."""
    return {path: {"life": _made(words)} for path, words in PAGES.items()}


def _made(words: Words) -> str:
    """The diagram, the states and the steps, as Markdown."""
    steps = [
        (
            words.states[step.before][0],
            words.read if step.what == READ else f"`{step.what}`",
            words.states[step.after][0],
            ", ".join(words.movers[mover] for mover in step.movers),
        )
        for step in STEPS
    ]
    states, moves = words.heads
    return "\n".join([_diagram(words), _table(states, words.states.values()), _table(moves, steps)])


def _diagram(words: Words) -> str:
    lines = [f'    state "{name}" as {state}' for state, (name, _) in words.states.items()]
    lines += [f"    [*] --> {state}" for state in BEGINS]
    edges: dict[tuple[State, State, tuple[Mover, ...]], list[str]] = {}
    for step in STEPS:
        what = words.read if step.what == READ else step.what
        edges.setdefault((step.before, step.after, step.movers), []).append(what)
    for (before, after, movers), whats in edges.items():
        who = ", ".join(words.movers[mover] for mover in movers)
        lines.append(f"    {before} --> {after}: {', '.join(whats)} ({who})")
    lines += [f"    {state} --> [*]" for state in _OVER]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)

"""The prompt of a cycle, made again from its record and held against the digest that the log keeps (pure)."""

from typing import NamedTuple

from shared.api.prompt import CitedFact, Difference, PromptRequest, SentPrompt
from shared.errors import Permanent
from shared.events import (
    CycleEnded,
    DecisionMade,
    ExitDue,
    ModelCall,
    SaleDue,
    SignalPassed,
    SignalRejected,
    SnapshotTaken,
)
from shared.prompt.advice import is_true, shown
from shared.prompt.build import LANGUAGES, digest, system_text, user_texts
from shared.prompt.facts import facts
from shared.prompt.request import PATHS, request_body
from shared.prompt.templates import TemplateMissing, load_template
from shared.why import Record


class NoPrompt(Permanent):
    """No model was asked in this cycle; the text says why."""


class _Made(NamedTuple):
    differs: Difference
    system: str | None = None
    user: str | None = None


def sent_prompt(record: Record, opening: DecisionMade | None) -> SentPrompt:
    """opening: the decision by which the position was opened that was held then. Raises NoPrompt."""
    decision = record.first(DecisionMade)
    if decision is None:
        raise NoPrompt(_no_decision(record))
    if decision.call is None:
        raise NoPrompt(_no_call(record.cycle, decision))
    call, snapshot, signal = decision.call, record.first(SnapshotTaken), record.first(SignalPassed)
    made = _made(call, snapshot, signal, opening)
    evidence = request = None
    if not made.differs and snapshot and signal and made.system is not None and made.user is not None:
        packet = facts(snapshot, signal)
        evidence = tuple(
            CitedFact(name=one.name, value=one.value, shown=shown(one.name, packet), right=is_true(one, packet))
            for one in call.evidence
        )
        body = request_body(call.api, call.model, system=made.system, user=made.user)
        request = PromptRequest(path=PATHS[call.api], body=body)
    return SentPrompt(
        cycle=record.cycle,
        model=call.model,
        template=call.prompt_version,
        sha256=call.prompt_sha256,
        same=not made.differs,
        differs=made.differs,
        system=made.system,
        user=made.user,
        evidence=evidence,
        request=request,
    )


def _made(
    call: ModelCall, snapshot: SnapshotTaken | None, signal: SignalPassed | None, opening: DecisionMade | None
) -> _Made:
    """The texts of that digest, whatever the cut and the language; else the fullest, and why they differ."""
    try:
        template = load_template(call.prompt_version)
    except TemplateMissing:
        return _Made("template")
    if snapshot is None or signal is None:
        return _Made("input")
    systems = [system_text(template, language) for language in LANGUAGES]
    users = list(user_texts(snapshot, signal, opening, template=template))
    for user in users:
        for system in systems:
            if digest(system, user) == call.prompt_sha256:
                return _Made("", system, user)
    lost = snapshot.position is not None and snapshot.position.opened_by is not None and opening is None
    return _Made("input" if lost else "version", systems[0], users[0])


def _no_call(cycle: str, decision: DecisionMade) -> str:
    if decision.fallback is not None:
        return f"the day's budget of the model was spent, so the rules decided {cycle}"
    if decision.analyst == "rules":
        return f"the rules decided {cycle}, and no model was asked"
    return f"no model was asked in {cycle}: {decision.reason_code}"


def _no_decision(record: Record) -> str:
    cycle = record.cycle
    if record.first(SignalRejected):
        return f"the gate rejected {cycle}, so the analyst was not asked"
    if record.first(ExitDue) or record.first(SaleDue):
        return f"{cycle} is a sale outside the hours, and no analyst is asked for one"
    if record.unreadable:
        return f"part of {cycle} cannot be read: {record.unreadable[0]}"
    if record.first(CycleEnded):
        return f"{cycle} ended before the analyst decided"
    return f"the analyst has not decided {cycle} yet"

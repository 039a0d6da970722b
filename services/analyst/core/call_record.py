"""A call as the decision carries it, and back: all that is needed to judge the answer again (pure)."""

from services.analyst.core.answer import Answer, Usage
from services.analyst.core.judge import Judgement
from services.analyst.core.prices import Cost, Terms
from shared.events import LostCalls, ModelCall
from shared.prompt.build import Prompt
from shared.types import Krw


def call_record(terms: Terms, prompt: Prompt, answer: Answer, judged: Judgement, cost: Cost, *, ask: int) -> ModelCall:
    usage = answer.usage
    return ModelCall(
        model=terms.model,
        api=terms.api,
        served_by=answer.served_by,
        prompt_version=prompt.version,
        prompt_sha256=prompt.sha256,
        code=judged.code,
        detail=answer.detail,
        finish=answer.finish,
        reply=answer.text,
        evidence=judged.evidence,
        tokens_in=usage and usage.tokens_in,
        tokens_out=usage and usage.tokens_out,
        tokens_cached=usage and usage.tokens_cached,
        cost_usd=cost.usd,
        cost_krw=Krw(cost.krw),
        billed=answer.billed,
        tariff=terms.tariff,
        ask=ask,
    )


def lost_calls(terms: Terms, worst: Cost, calls: int) -> LostCalls | None:
    """worst: of one question of this cycle; each asks the same."""
    if not calls:
        return None
    return LostCalls(calls=calls, cost_usd=calls * worst.usd, cost_krw=Krw(calls * worst.krw), tariff=terms.tariff)


def answer_of(call: ModelCall) -> Answer:
    """The answer as it came then."""
    code = None if call.finish else call.code
    usage = None
    if call.tokens_in is not None and call.tokens_out is not None:
        usage = Usage(call.tokens_in, call.tokens_out, call.tokens_cached or 0)
    return Answer(code, call.detail, call.finish, call.reply, call.served_by, usage, call.billed)

"""The owner's panic: what it would do, and the request."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, InLanguage, RequestedBy, require_owner
from services.backend.routes.examples import answers
from shared.api import routes
from shared.api.panic import Panic, PanicRequest, PanicResult

router = APIRouter(tags=["bot"], dependencies=[Depends(require_owner)])


@router.get(routes.PANIC.path, summary="What a panic would do, and the last one", responses=answers(examples.PANIC))
async def preview(backend: BackendDep, language: InLanguage = None) -> Panic:
    """The orders under way, what the bot holds and about what it would bring now, and what the last request came to.

    Orders nothing. Needs the token, because each look asks the exchange.
    """
    return await backend.panics.preview(language or backend.language)


@router.get(routes.LAST_PANIC.path, summary="What became of the last panic", responses=answers(examples.PANIC_RESULT))
async def last(backend: BackendDep, language: InLanguage = None) -> PanicResult:
    """What the last panic that was asked for did and left undone. Needs the token."""
    return await backend.panics.result(language or backend.language)


@router.post(routes.ASK_PANIC.path, summary="Pause, cancel and sell all", responses=answers(examples.PANIC_REQUEST))
async def panic(
    backend: BackendDep,
    sell: Annotated[bool, Query(description="whether to sell all that the bot holds", examples=[True])],
    language: InLanguage = None,
    by: RequestedBy = "api",
) -> PanicRequest:
    """Pause the bot at once, then let the executor cancel its open orders and, with `sell`, sell all it holds.

    The answer says what is done and what is to come; where `is_heard` is false, nothing is cancelled or sold yet.
    Asking twice sells once. A request the executor hears of after two minutes sells nothing.
    """
    return await backend.panics.ask(sell=sell, by=by, language=language or backend.language)

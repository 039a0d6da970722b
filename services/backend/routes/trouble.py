"""What a person must look at. Whoever asks needs the token: a fault may tell more than its sentence."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, InLanguage, require_owner
from services.backend.routes.examples import answers
from shared.api import routes
from shared.api.trouble import DeadLetters, UnresolvedOrders

router = APIRouter(tags=["trouble"], dependencies=[Depends(require_owner)])


@router.get(routes.DEAD.path, summary="The dead letters, newest first", responses=answers(examples.DEAD))
async def dead(
    backend: BackendDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="an id: only older ones", examples=[7])] = None,
) -> DeadLetters:
    """What no reader could handle, why, and the command that ends its cycle. Needs the token."""
    return await backend.trouble.dead(limit=limit, before=before)


@router.get(routes.UNRESOLVED.path, summary="Orders to clear up, oldest first", responses=answers(examples.UNRESOLVED))
async def unresolved(backend: BackendDep, language: InLanguage = None) -> UnresolvedOrders:
    """Orders of unknown outcome and orders that the log lacks, each with what to do about it. Needs the token."""
    return await backend.trouble.unresolved(await backend.books.unresolved(language or backend.language))

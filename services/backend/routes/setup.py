"""How the bot is set up."""

from fastapi import APIRouter, Depends

from services.backend.core.setting_list import settings_list
from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, require_owner
from services.backend.routes.examples import answers
from shared.api import routes
from shared.api.settings import Settings

router = APIRouter(tags=["bot"], dependencies=[Depends(require_owner)])


@router.get(routes.SETTINGS.path, summary="How the bot is set up", responses=answers(examples.SETTINGS))
async def settings(backend: BackendDep) -> Settings:
    """Every setting, since when it is so and what it was before, as far as the log knows. Needs the token.

    A secret is only said to be set or not.
    """
    return Settings(settings=settings_list(backend.settings, await backend.books.setting_changes()))
